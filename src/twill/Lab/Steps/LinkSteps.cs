using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Lab.Steps;

/// <summary>The switch that the LAN is.</summary>
internal sealed record MakeLan(LinkState Bridge) : LabStep(LabNames.Router, LabNames.Router)
{
    internal override string Missing => $"there is no LAN: {Namespace} has no bridge {Bridge.Name}";

    internal override IReadOnlyList<string> Lines => [$"{Ip} link add {Bridge.Name} address {Bridge.Mac} type bridge", $"{Ip} link set {Bridge.Name} up"];
}

/// <summary>A node's bridge, with the addresses that are its pods' gateways.</summary>
internal sealed record MakeBridge(string Node, BridgePlan Plan, NetworkSettings Network) : LabStep(Node, Node)
{
    internal override string Missing => $"{Namespace} has no bridge {Plan.Name}, so its pods have nothing to be plugged into";

    internal override IReadOnlyList<string> Lines => [.. Plan.ToLines(Namespace)];
}

/// <summary>A cable from the router's namespace to another: a veth pair.</summary>
/// <param name="Near">The router's end.</param>
/// <param name="Far">The other end.</param>
internal sealed record MakeCable(LinkState Near, LinkState Far, string Group) : LabStep(LabNames.Router, Group)
{
    internal string FarNamespace => Near.PeerNamespace!;

    internal override string Missing => $"there is no cable between {FarNamespace} ({Far.Name}) and {(Near.Master is { } master ? $"the {master}" : Namespace)}";

    internal override IReadOnlyList<string> Lines =>
    [
        $"{Ip} link add {Near.Name} address {Near.Mac} type veth peer name {Far.Name} netns {FarNamespace} address {Far.Mac}",
        $"{Ip} link set {Near.Name}{(Near.Master is { } master ? $" master {master}" : "")} up",
        $"ip -n {FarNamespace} link set {Far.Name} up",
    ];
}

internal sealed record SetUp(string Namespace, string Group, LinkState Link) : LabStep(Namespace, Group)
{
    internal override string Missing => $"{LinkWords.Name(Link)} of {Namespace}{LinkWords.Towards(Link)} is down";

    internal override IReadOnlyList<string> Lines => [$"{Ip} link set {Link.Name} up"];
}

/// <param name="Link">With the bridge it belongs to.</param>
internal sealed record SetMaster(string Namespace, string Group, LinkState Link) : LabStep(Namespace, Group)
{
    internal override string Missing => $"the cable of {Link.PeerNamespace} ({Link.Name}) is not plugged into the bridge {Link.Master} of {Namespace}";

    internal override IReadOnlyList<string> Lines => [$"{Ip} link set {Link.Name} master {Link.Master}"];
}

/// <param name="Actual">Bytes, as it is.</param>
internal sealed record SetMtu(string Namespace, string Group, LinkState Link, int Actual) : LabStep(Namespace, Group)
{
    internal override string Missing => $"{LinkWords.Name(Link)} of {Namespace}{LinkWords.Towards(Link)} carries packets of at most {Actual} bytes instead of {Link.Mtu}";

    internal override IReadOnlyList<string> Lines => [$"{Ip} link set {Link.Name} mtu {Link.Mtu}"];
}

internal sealed record RemoveLink(string Namespace, string Group, string Name, string Why) : LabStep(Namespace, Group)
{
    internal override string Missing => $"{Name} of {Namespace} {Why}";

    internal override IReadOnlyList<string> Lines => [$"{Ip} link del {Name}"];

    internal override bool Removes => true;
}

internal sealed record AddAddress(string Namespace, string Group, string Device, IpPrefix Address) : LabStep(Namespace, Group)
{
    internal override string Missing => $"{Device} of {Namespace} does not have the address {Address}";

    internal override IReadOnlyList<string> Lines => [$"{Ip} addr add {Address} {(Address.IsV6 ? "nodad " : "")}dev {Device}"];
}

internal sealed record RemoveAddress(string Namespace, string Group, string Device, IpPrefix Address) : LabStep(Namespace, Group)
{
    internal override string Missing => $"{Device} of {Namespace} has the address {Address} of a family that this lab has not";

    internal override IReadOnlyList<string> Lines => [$"{Ip} addr del {Address} dev {Device}"];

    internal override bool Removes => true;
}
