using Twill.Fabric.Services.Compile;
using Twill.Lab;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Trace;

internal sealed partial class Walk
{
    internal static Cause IsDown(NamespaceState space, LinkState link)
    {
        string[] fix = [$"ip -n {space.Name} link set {link.Name} up"];
        return link.Kind == "bridge"
            ? new Cause(CauseKind.BridgeDown, space.Name, $"{space.Name}'s bridge {link.Name} is down") { Fix = fix }
            : new Cause(CauseKind.LinkDown, space.Name, $"{space.Name}'s {Named(link)} is down") { Fix = fix };
    }

    private static Cause TooBig(NamespaceState space, LinkState link, int mtu)
        => new(CauseKind.TooBig, space.Name, $"{space.Name}'s {Named(link)} carries packets of {mtu} bytes at most")
        {
            Fix = mtu < Mtu.Ethernet.Value ? [$"ip -n {space.Name} link set {link.Name} mtu {Mtu.Ethernet}"] : [],
        };

    private Cause NotForwarding(NamespaceState space)
    {
        string key = _packet.IsV6 ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward";
        return space.Kind is LabKind.Pod or LabKind.Internet
            ? new Cause(CauseKind.NoSuchAddress, space.Name, $"{space.Name} got a packet for {_packet.Destination}, which is not its address")
            : new Cause(CauseKind.NotForwarding, space.Name, $"{space.Name} does not forward packets ({key} is 0)") { Fix = [$"ip netns exec {space.Name} sysctl -qw {key}=1"] };
    }

    /// <summary>What a person calls it: the cable of a pod by the pod.</summary>
    internal static string Named(LinkState link) => link.PeerNamespace is { } far && link.Name != far && link.Name.StartsWith("tw", StringComparison.Ordinal) ? $"{link.Name} (the cable to {far})" : link.Name;

    private Arrival? NoWay(NamespaceState space, RouteDecision way)
    {
        IpAddress to = _packet.Destination;
        return way.Error switch
        {
            Errno.EXDEV => Fail(space, "routing", $"rp_filter: answers to {_packet.Source} would not leave where this came in", new Cause(CauseKind.ReversePathFilter, space.Name, $"{space.Name} drops packets from {_packet.Source}: its route back to that address leaves by another interface (rp_filter)")
            {
                Fix = [$"ip -n {space.Name} route get {_packet.Source}", $"ip netns exec {space.Name} sysctl -qw net.ipv4.conf.all.rp_filter=0"],
            }),
            _ when way.Type is RouteType.Unreachable or RouteType.Blackhole or RouteType.Prohibit => Fail(space, "routing", $"{way.Type.ToString().ToLowerInvariant()} {way.Prefix}", new Cause(CauseKind.BadRoute, space.Name, $"{space.Name} has the route \"{way.Type.ToString().ToLowerInvariant()} {way.Prefix}\", which drops packets to {to}")
            {
                Fix = [$"ip -n {space.Name} route del {way.Type.ToString().ToLowerInvariant()} {way.Prefix}"],
            }),
            Errno.EINVAL => Fail(space, "routing", "a route that drops it silently, or a source that cannot be", new Cause(CauseKind.BadRoute, space.Name, $"{space.Name} has a route for {to} that drops packets (blackhole)") { Fix = [$"ip -n {space.Name} route show match {to}"] }),
            Errno.EACCES => Fail(space, "routing", "a route that prohibits it", new Cause(CauseKind.BadRoute, space.Name, $"{space.Name} has a route that prohibits {to}") { Fix = [$"ip -n {space.Name} route show match {to}"] }),
            _ => Fail(space, "routing", $"no route to {to}", new Cause(CauseKind.NoRoute, space.Name, $"{space.Name} has no route to {to}")),
        };
    }

    private Arrival? Refuse(NamespaceState space, NftHookPoint point, RuleResult result)
    {
        string word = result.Rejected ? "reject" : "drop", chain = result.Chain is null ? "" : $"{result.Chain}";
        string fix = result.Rule is { } rule
            ? $"ip netns exec {space.Name} nft delete rule {rule.Chain} handle {rule.Handle}"
            : $"ip netns exec {space.Name} nft 'chain {chain} {{ policy accept; }}'";
        Cause cause = result.Chain?.Table.Name == ServiceTable.Table.Name
            ? new Cause(CauseKind.NftDrop, space.Name, $"{_packet.Destination} is a service's, and for port {_packet.DestinationPort} there is no pod that {space.Name} could send it to: it {(result.Rejected ? "refuses" : "drops")} it")
            : new Cause(CauseKind.NftDrop, space.Name, $"{space.Name} drops it by an nftables rule: {result.By}") { Fix = [fix] };
        return Fail(space, "nftables", $"{point.ToString().ToLowerInvariant()}: {word} ({result.By})", cause with { Refuses = result.Rejected });
    }
}
