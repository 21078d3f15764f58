using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>What the kernel has of the node's nftables table.</summary>
/// <param name="Intact">Chains, rules and the sets' shapes are the planned ones.</param>
/// <param name="Elements">By the set's name, first and last address of each element.</param>
public sealed record NodeTableState(bool Intact, IReadOnlyDictionary<string, IReadOnlySet<(IpAddress First, IpAddress Last)>> Elements);
