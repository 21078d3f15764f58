using Twill.Fabric.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>One write to a node's network. Prints itself as the line an administrator would type.</summary>
public abstract record NodeStep
{
    private NodeStep()
    {
    }

    /// <summary>What the step is about, the same for its making and its mending.</summary>
    public abstract string Subject { get; }

    /// <param name="Key">With slashes.</param>
    public sealed record SetSysctl(string Key, string Value) : NodeStep
    {
        public override string Subject => $"sysctl {Key}";

        public override string ToString() => $"sysctl -w {Key.Replace('/', '.')}={Value}";
    }

    public sealed record AddAddress(IpPrefix Address, string Device) : NodeStep
    {
        public override string Subject => $"address {Address} dev {Device}";

        public override string ToString() => $"ip addr add {Address} dev {Device}{(Address.IsV6 ? " nodad" : "")}";
    }

    public sealed record RemoveAddress(IpPrefix Address, string Device) : NodeStep
    {
        public override string Subject => $"address {Address} dev {Device}";

        public override string ToString() => $"ip addr del {Address} dev {Device}";
    }

    /// <summary>Made down: <see cref="RaiseVxlan"/> completes it.</summary>
    public sealed record AddVxlan(NodeVxlan Link) : NodeStep
    {
        public override string Subject => $"link {Link.Name}";

        public override string ToString()
            => $"ip link add {Link.Name} address {Link.Mac} mtu {Link.Mtu} type vxlan id {Link.Vni} dstport {Link.Port} local {Link.Local} dev {Link.UnderlayDevice} nolearning{(Link.Local.IsV6 ? "" : " noudpcsum")}";
    }

    /// <summary>Marks it as ours, sets what may be set later, and takes it into service.</summary>
    public sealed record RaiseVxlan(NodeVxlan Link) : NodeStep
    {
        public override string Subject => $"link {Link.Name}";

        public override string ToString() => $"ip link set {Link.Name} alias \"{VxlanAlias}\" address {Link.Mac} mtu {Link.Mtu} addrgenmode none up";
    }

    public sealed record RemoveLink(string Name) : NodeStep
    {
        public override string Subject => $"link {Name}";

        public override string ToString() => $"ip link del {Name}";
    }

    public sealed record ReplaceNeighbour(NodeNeighbour Neighbour, string Device) : NodeStep
    {
        public override string Subject => $"neighbour {Neighbour.Address} dev {Device}";

        public override string ToString() => $"ip neigh replace {Neighbour.Address} lladdr {Neighbour.Mac} dev {Device} nud permanent";
    }

    public sealed record RemoveNeighbour(NodeNeighbour Neighbour, string Device) : NodeStep
    {
        public override string Subject => $"neighbour {Neighbour.Address} dev {Device}";

        public override string ToString() => $"ip neigh del {Neighbour.Address} dev {Device}";
    }

    public sealed record ReplaceForward(NodeForward Forward, string Device) : NodeStep
    {
        public override string Subject => $"forwarding entry {Forward.Mac} dev {Device}";

        public override string ToString() => $"bridge fdb replace {Forward.Mac} dev {Device} dst {Forward.Destination} self permanent";
    }

    public sealed record RemoveForward(NodeForward Forward, string Device) : NodeStep
    {
        public override string Subject => $"forwarding entry {Forward.Mac} dev {Device}";

        public override string ToString() => $"bridge fdb del {Forward.Mac} dev {Device} dst {Forward.Destination} self";
    }

    public sealed record AddRoute(NodeRoute Route, string Device) : NodeStep
    {
        public override string Subject => $"route {Route.Destination}";

        public override string ToString() => Line("add", Route, Device);
    }

    /// <summary>The destination stays, the way changes: no packet is lost in between.</summary>
    public sealed record ReplaceRoute(NodeRoute Route, string Device) : NodeStep
    {
        public override string Subject => $"route {Route.Destination}";

        public override string ToString() => Line("replace", Route, Device);
    }

    public sealed record RemoveRoute(NodeRoute Route) : NodeStep
    {
        public override string Subject => $"route {Route.Destination}";

        public override string ToString() => $"{Ip(Route)} route del {Route} proto {ClusterPlan.TwillRouteProtocol}";
    }

    /// <summary>The whole table, in the place of what is there under its name: one transaction.</summary>
    public sealed record BuildTable(NodeTable Table) : NodeStep
    {
        public override string Subject => $"table {NodeTable.Table}";

        public override string ToString() => string.Join('\n', Table.ToLines());
    }

    public sealed record RemoveTable : NodeStep
    {
        public override string Subject => $"table {NodeTable.Table}";

        public override string ToString() => $"nft delete table {NodeTable.Table}";
    }

    /// <summary>Elements that come and go; of a range first and last address.</summary>
    public sealed record ChangeSet(NftSet Set, IReadOnlyList<NftElement> Added, IReadOnlyList<NftElement> Removed) : NodeStep
    {
        public override string Subject => $"set {Set}";

        public override string ToString()
        {
            string[] lines = [Line("delete", Removed), Line("add", Added)];
            return string.Join('\n', lines.Where(l => l.Length > 0));
        }

        private string Line(string verb, IReadOnlyList<NftElement> elements) => elements.Count == 0 ? "" : $"nft {verb} element {Set} {{ {string.Join(", ", elements.Select(e => e.ToText(Set)))} }}";
    }

    /// <summary>The alias by which our device is known from one that happens to have its name.</summary>
    public const string VxlanAlias = "twill vxlan";

    private static string Ip(NodeRoute route) => route.Destination is { IsV6: true, Length: 0 } ? "ip -6" : "ip";

    private static string Line(string verb, NodeRoute route, string device)
        => $"{Ip(route)} route {verb} {route} dev {route.Device ?? device}{(route.OnLink ? " onlink" : "")} proto {ClusterPlan.TwillRouteProtocol}";
}
