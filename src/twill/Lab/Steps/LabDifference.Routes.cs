using Twill.Fabric.Plan;
using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Lab.Steps;

/// <summary>Routes: by destination and metric, as the kernel keeps them.</summary>
internal sealed partial class LabDifference
{
    private void Routes(NamespaceState wanted, NamespaceState actual, string group)
    {
        foreach (RouteState route in wanted.Routes)
        {
            // Who made it does not matter, only where it leads; but what bears our mark an agent would take away.
            RouteState? there = actual.Routes.FirstOrDefault(r => r.Destination == route.Destination && r.Metric == route.Metric);
            if (there is null) _steps.Add(new AddRoute(wanted.Name, group, route, Whose(route.Destination)));
            else if (there.Via != route.Via || there.Device != route.Device || there.Type != route.Type || (_goal.Spec.HasAgents && there.Protocol == ClusterPlan.TwillRouteProtocol && route.Protocol != there.Protocol)) _steps.Add(new ReplaceRoute(wanted.Name, group, route, there, Whose(route.Destination)));
        }

        if (!_goal.Spec.Empty && wanted.Kind != LabKind.Router && !(wanted.Kind == LabKind.Node && _goal.Spec.HasAgents)) SurplusRoutes(wanted, actual, group);
    }

    /// <summary>Routes with our mark that nobody asked for; the router's go last, when the nodes have learned to do without.</summary>
    private void SurplusRoutes(NamespaceState wanted, NamespaceState actual, string group)
    {
        var destinations = new HashSet<string>(wanted.Routes.Select(Key), StringComparer.Ordinal);
        foreach (RouteState route in actual.Routes)
        {
            if (route.Protocol == ClusterPlan.TwillRouteProtocol && !destinations.Contains(Key(route))) _steps.Add(new RemoveRoute(wanted.Name, group, route));
        }
    }

    private static string Key(RouteState route) => $"{route.Destination} {route.Metric}";

    /// <summary>"the pods of node2"; empty where the destination says it all.</summary>
    private string Whose(IpPrefix destination) => _blocks.TryGetValue(destination.ToString(), out string? node) ? $"the pods of {node}" : "";
}
