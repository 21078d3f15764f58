using Twill.Fabric.Ipam;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

/// <summary>Whether a network could take one more pod now.</summary>
public static class NetworkReadiness
{
    /// <exception cref="FabricException">Why it could not.</exception>
    public static void Check(RouteSocket host, NetworkSettings network)
    {
        if (host.FindLink(network.Bridge.Name) is { } link && link.Kind != "bridge") throw new FabricException(FabricFault.Foreign, $"interface {network.Bridge.Name} is not a bridge: no pod can be attached to network {network.Name}");
        if (network.Pool is not { } pool) return;
        foreach (RangeSet set in pool.Sets) new CandidateWalk(host, network.Tag, set, null, null).RequireFree();
    }
}
