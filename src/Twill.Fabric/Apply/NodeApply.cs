using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.Apply;

/// <summary>Brings a node's network to its plan by writing the difference only.</summary>
public static class NodeApply
{
    /// <param name="network">The node's namespace; null: the calling thread's.</param>
    /// <param name="host">A socket of that namespace.</param>
    /// <returns>The writes made, in order; empty: it was in sync.</returns>
    /// <exception cref="FabricException">The device is missing, or a route of somebody else has our destination.</exception>
    public static IReadOnlyList<NodeStep> Apply(NetworkNamespace? network, RouteSocket host, NodePlan plan)
    {
        if (!host.TryGetIndex(plan.Device, out IfIndex device)) throw new FabricException(FabricFault.Configuration, $"node {plan.Node} has no interface {plan.Device}: name the one on the nodes' common link (`ip link` lists them)");
        IReadOnlyList<NodeStep> steps = plan.Difference(Read(network, host, plan, device));
        if (steps.Any(s => s is NodeStep.SetSysctl)) Inside(network, () => WriteSysctls(steps));
        foreach (NodeStep step in steps)
        {
            switch (step)
            {
                case NodeStep.AddAddress a:
                    host.TryAddAddress(device, a.Address, a.Address.IsV6 ? AddressFlags.NoDad : AddressFlags.None);
                    break;
                case NodeStep.AddRoute r:
                    if (!host.TryAddRoute(Spec(r.Route, device))) throw Foreign(plan, host, r.Route);
                    break;
                case NodeStep.ReplaceRoute r:
                    host.ReplaceRoute(Spec(r.Route, device));
                    break;
                case NodeStep.RemoveRoute r:
                    host.RemoveRoute(new RouteSpec { Destination = r.Route.Destination, Gateway = r.Route.Gateway, Protocol = ClusterPlan.TwillRouteProtocol });
                    break;
            }
        }

        return steps;
    }

    /// <summary>What of the plan is there.</summary>
    public static NodeState Read(NetworkNamespace? network, RouteSocket host, NodePlan plan, IfIndex device)
    {
        var sysctls = new Dictionary<string, string>();
        if (plan.Sysctls.Count > 0)
        {
            Inside(network, () =>
            {
                foreach (NodeStep.SetSysctl s in plan.Sysctls)
                {
                    if (Sysctl.Read(s.Key) is { } value) sysctls[s.Key] = value;
                }
            });
        }

        var routes = new List<NodeRoute>();
        foreach (Route route in host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)))
        {
            // One through another device is not the planned one, even with its gateway.
            if (route.Table == RouteTable.Main) routes.Add(new NodeRoute(route.Destination, route.Dev == device ? route.Gateway : null));
        }

        return new NodeState { Sysctls = sysctls, Addresses = host.Addresses(device).ConvertAll(a => a.Address), Routes = routes };
    }

    private static RouteSpec Spec(NodeRoute route, IfIndex device) => new() { Destination = route.Destination, Gateway = route.Gateway, Dev = device, Protocol = ClusterPlan.TwillRouteProtocol };

    private static void WriteSysctls(IReadOnlyList<NodeStep> steps)
    {
        foreach (NodeStep step in steps)
        {
            if (step is NodeStep.SetSysctl s) Sysctl.Write(s.Key, s.Value);
        }
    }

    private static FabricException Foreign(NodePlan plan, RouteSocket host, NodeRoute route)
    {
        Route? other = host.Routes(new RouteFilter(Table: RouteTable.Main)).Find(r => r.Destination == route.Destination);
        return new FabricException(FabricFault.Foreign, $"node {plan.Node} has a route of somebody else where {route} should be: {(other is null ? "it has just gone" : other)}; remove it, or give it another metric: ip route del {(route.Destination.Length == 0 ? "default" : route.Destination)}");
    }

    private static void Inside(NetworkNamespace? network, Action code)
    {
        if (network is null) code();
        else network.Run(code);
    }
}
