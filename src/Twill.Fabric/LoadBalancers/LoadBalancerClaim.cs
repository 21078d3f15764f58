using Twill.Linux.Route;

namespace Twill.Fabric.LoadBalancers;

/// <summary>A service that wants addresses of ours.</summary>
/// <param name="Service">"default/web".</param>
/// <param name="V4">One of this family, from a pool.</param>
/// <param name="V6">One of this family, from a pool.</param>
/// <param name="Requested">These, given or refused with the reason; a family that is requested needs no other of it.</param>
/// <param name="Current">What it has now: kept wherever it can be.</param>
public sealed record LoadBalancerClaim(string Service, bool V4, bool V6, IReadOnlyList<IpAddress> Requested, IReadOnlyList<IpAddress> Current);
