using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>One write to a node's network. Prints itself as the line an administrator would type.</summary>
public abstract record NodeStep
{
    private NodeStep()
    {
    }

    /// <param name="Key">With slashes.</param>
    public sealed record SetSysctl(string Key, string Value) : NodeStep
    {
        public override string ToString() => $"sysctl -w {Key.Replace('/', '.')}={Value}";
    }

    public sealed record AddAddress(IpPrefix Address, string Device) : NodeStep
    {
        public override string ToString() => $"ip addr add {Address} dev {Device}{(Address.IsV6 ? " nodad" : "")}";
    }

    public sealed record AddRoute(NodeRoute Route, string Device) : NodeStep
    {
        public override string ToString() => Line("add", Route, Device);
    }

    /// <summary>The destination stays, the way changes: no packet is lost in between.</summary>
    public sealed record ReplaceRoute(NodeRoute Route, string Device) : NodeStep
    {
        public override string ToString() => Line("replace", Route, Device);
    }

    public sealed record RemoveRoute(NodeRoute Route) : NodeStep
    {
        public override string ToString() => $"{Ip(Route)} route del {Route} proto {ClusterPlan.TwillRouteProtocol}";
    }

    private static string Ip(NodeRoute route) => route.Destination is { IsV6: true, Length: 0 } ? "ip -6" : "ip";

    private static string Line(string verb, NodeRoute route, string device) => $"{Ip(route)} route {verb} {route} dev {device} proto {ClusterPlan.TwillRouteProtocol}";
}
