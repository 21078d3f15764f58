using Twill.Linux.Route;

namespace Twill.Fabric.LoadBalancers;

/// <summary>An address that some node shall announce.</summary>
/// <param name="MayHold">This one can: its traffic finds an endpoint here.</param>
public readonly record struct LoadBalancerWish(IpAddress Address, bool MayHold);
