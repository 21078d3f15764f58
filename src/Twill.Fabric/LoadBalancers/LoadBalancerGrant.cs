using Twill.Linux.Route;

namespace Twill.Fabric.LoadBalancers;

/// <summary>What a service gets.</summary>
/// <param name="Refusal">Why it does not get all it wants, for people; null: it does.</param>
public sealed record LoadBalancerGrant(string Service, IReadOnlyList<IpAddress> Addresses, string? Refusal);
