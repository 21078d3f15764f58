using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Twill.Linux.Tc;
using Twill.Linux.Uapi;
using Xunit;

namespace Twill.Tests.Linux;

/// <summary>What the kernel answered to iproute2 reads as what was made.</summary>
public sealed class AnswerTests
{
    [Fact]
    public void LinkDump_OfTheCapture_ReadsEveryLink()
    {
        List<Link> links = [.. Read("link-dump", RtnetlinkUapi.RTM_NEWLINK, static (in NetlinkMessage m) => new LinkView(m).ToLink())];
        Assert.Equal(["lo", "br0", "v0", "vx0", "ifb7"], links.Select(l => l.Name));
        Link bridge = links[1], veth = links[2], vxlan = links[3];
        Assert.Equal(("", 65536, LinkFlags.Loopback), (links[0].Kind, links[0].Mtu.Value, links[0].Flags));
        Assert.Equal(new BridgeInfo { AgeingTimeCs = 6000, ForwardDelayCs = 200, NfCallIptables = true }, bridge.Bridge);
        Assert.Equal(("bridge", "02:00:00:00:00:aa", 1500), (bridge.Kind, bridge.Mac.ToString(), bridge.Mtu.Value));
        Assert.Equal(("veth", "pod default/nginx", 7u, 100, new IfIndex(2), 0, 1), (veth.Kind, veth.Alias, veth.Group, veth.TxQueueLength, veth.LinkedIndex, veth.LinkNamespaceId, veth.TxQueues));
        Assert.Equal(["twill.0123456789abcdef0123456789abcdef.eth0"], veth.AltNames);
        Assert.Equal(
            new VxlanInfo { Vni = new Vni(7), Port = 4789, Local = IpAddress.Parse("10.0.0.1"), Dev = veth.Index, Df = VxlanDf.Set, Ttl = 64, UdpChecksum = true, UdpZeroChecksum6Tx = true, UdpZeroChecksum6Rx = true },
            vxlan.Vxlan);
    }

    [Fact]
    public void AddressDump_OfTheCapture_ReadsEveryAddress()
    {
        List<IfAddress> all = [.. Read("addr-dump", RtnetlinkUapi.RTM_NEWADDR, static (in NetlinkMessage m) => new AddressView(m).ToAddress())];
        IfAddress v4 = Assert.Single(all, a => a.Address == IpPrefix.Parse("10.0.0.1/24"));
        Assert.Equal((new IfIndex(3), RouteScope.Universe, AddressFlags.Permanent, null), (v4.Dev, v4.Scope, v4.Flags, v4.Peer));
        IfAddress v6 = Assert.Single(all, a => a.Address == IpPrefix.Parse("fd00::1/64"));
        Assert.Equal(AddressFlags.Permanent | AddressFlags.NoDad | AddressFlags.NoPrefixRoute, v6.Flags);
        IfAddress peer = Assert.Single(all, a => a.Address == IpPrefix.Parse("10.1.0.1/32"));
        Assert.Equal((IpAddress.Parse("10.1.0.2"), RouteScope.Link), (peer.Peer!.Value, peer.Scope));
    }

    [Fact]
    public void RouteDump_OfTheCapture_ReadsEveryRoute()
    {
        List<Route> all = Routes("route-dump");
        string Line(string prefix) => Assert.Single(all, r => r.Destination == IpPrefix.Parse(prefix) && r.Priority == 0).ToString();
        Assert.Equal("10.244.2.0/24 via 10.0.0.2 dev #3 proto 77", Line("10.244.2.0/24"));
        Assert.Equal("10.244.4.0/24 via 169.254.1.1 dev #3 onlink proto boot", Line("10.244.4.0/24"));
        Assert.Equal("10.244.5.0/24 via 10.0.0.2 dev #3 proto boot mtu lock 1400 advmss 1300", Line("10.244.5.0/24"));
        Assert.Equal("10.244.6.0/24 nexthop via 10.0.0.2 dev #3 nexthop via 10.0.0.3 dev #3 weight 5 nexthop via 169.254.1.1 dev #3 onlink proto boot", Line("10.244.6.0/24"));
        Assert.Equal("10.244.7.0/24 via inet6 fd00::2 dev #3 proto boot", Line("10.244.7.0/24"));
        Assert.Equal("default via 10.0.0.2 dev #3 proto boot", Line("0.0.0.0/0"));
        Assert.Equal("blackhole 10.245.0.0/16 table 1000 proto boot", Line("10.245.0.0/16"));
        Assert.Equal("local 10.246.0.0/16 dev #1 table local proto boot", Line("10.246.0.0/16"));
        Route replaced = Assert.Single(all, r => r.Priority == 50);
        Assert.Equal((IpAddress.Parse("10.0.0.1"), new RouteProtocol(77), RouteScope.Universe), (replaced.PreferredSource!.Value, replaced.Protocol, replaced.Scope));
        Assert.Contains(Routes("route-dump-v6"), r => r.ToString() == "fd01::/64 via fd00::2 dev #3 table 1000 proto boot metric 1024");
        Assert.Equal("10.244.2.7/32 via 10.0.0.2 dev #3 proto unspec src 10.0.0.1", Assert.Single(Routes("route-get")).ToString().Replace("proto 0", "proto unspec", StringComparison.Ordinal));
        Assert.Equal(IpPrefix.Parse("10.244.2.0/24"), Assert.Single(Routes("route-get-fibmatch")).Destination);
    }

    [Fact]
    public void Neighbours_OfTheCapture_ReadBack()
    {
        Neighbour neighbour = Assert.Single(Neighbours("neigh-dump"), n => n.Address == IpAddress.Parse("10.0.0.2"));
        Assert.Equal(("02:00:00:00:00:04", NeighbourState.Reachable, new IfIndex(3)), (neighbour.Mac.ToString(), neighbour.State, neighbour.Dev));
        List<Neighbour> fdb = Neighbours("fdb-dump");
        Neighbour far = Assert.Single(fdb, n => n.Mac.ToString() == "02:00:00:00:00:0a");
        Assert.Equal((IpAddress.Parse("10.0.0.10"), (ushort)8472, new Vni(9), true), (far.Address!.Value, far.Port, far.Vni!.Value, far.Flags.HasFlag(NeighbourFlags.Self)));
    }

    [Fact]
    public void Rules_OfTheCapture_ReadBack()
    {
        List<RuleSpec> rules = [.. Read("rule-dump", RtnetlinkUapi.RTM_NEWRULE, static (in NetlinkMessage m) => new RuleView(m).ToSpec())];
        Assert.Equal(
            ["from all lookup local pref 0", "from 10.244.0.0/16 to 10.0.0.0/8 fwmark 0x10/0xf0 iif v0 lookup 1000 pref 1000", "not from all fwmark 0x7 lookup main pref 1001", "from all lookup main pref 32766", "from all lookup default pref 32767"],
            rules.Select(r => r.ToString()));
        Assert.Equal((0, new RouteProtocol(77)), (rules[2].SuppressPrefixLength, rules[1].Protocol));
    }

    [Fact]
    public void Qdiscs_OfTheCapture_ReadBack()
    {
        List<Qdisc> qdiscs = [.. Read("qdisc-dump", RtnetlinkUapi.RTM_NEWQDISC, static (in NetlinkMessage m) => new QdiscView(m).ToQdisc())];
        Qdisc tbf = Assert.Single(qdiscs, q => q.Kind == "tbf");
        Assert.Equal((10_000_000_000UL, 20u << 20, TcHandle.Of(1)), (tbf.Tbf!.Value.RateBytesPerSecond, tbf.Tbf.Value.LimitBytes, tbf.Handle));
        Assert.InRange(tbf.Tbf.Value.BurstBytes, (10u << 20) - 700, (10u << 20) + 700); // a tick is 640 bytes at this rate
        Assert.Contains(qdiscs, q => q.Kind == "ingress" && q.Handle == TcHandle.Of(0xffff));
        Filter filter = Assert.Single(Read("filter-dump", RtnetlinkUapi.RTM_NEWTFILTER, static (in NetlinkMessage m) => new FilterView(m).ToFilter()), f => f.RedirectTo is not null);
        Assert.Equal(("u32", new IfIndex(5), (ushort)1), (filter.Kind, filter.RedirectTo!.Value, filter.Priority));
    }

    [Fact]
    public void Refusal_OfTheCapture_HasErrnoAndWords()
    {
        ReadOnlySpan<byte> answer = Capture.Load("route-error").Received[^1];
        Assert.True(NetlinkMessage.TryRead(ref answer, out NetlinkMessage message));
        NetlinkOutcome outcome = message.ReadError(0);
        Assert.Equal(new NetlinkOutcome(Errno.ENETUNREACH, 0, "Nexthop has invalid gateway"), outcome);
        Assert.Equal("cannot add route x: ENETUNREACH (101) Network is unreachable; kernel: \"Nexthop has invalid gateway\"; do this", new NetlinkException("cannot add route x", outcome, "do this").Message);

        answer = Capture.Load("nsid-set").Received[^1];
        Assert.True(NetlinkMessage.TryRead(ref answer, out message));
        outcome = message.ReadError(0);
        Assert.Equal((Errno.EEXIST, "Peer netns already has a nsid assigned", 20), (outcome.Errno, outcome.KernelText, outcome.Offset));
    }

    internal delegate T Parser<T>(in NetlinkMessage message);

    internal static List<T> Read<T>(string capture, ushort type, Parser<T> parse)
    {
        List<T> items = [];
        foreach (byte[] bytes in Capture.Load(capture).Messages)
        {
            ReadOnlySpan<byte> rest = bytes;
            Assert.True(NetlinkMessage.TryRead(ref rest, out NetlinkMessage message));
            if (message.Type == type) items.Add(parse(message));
        }

        return items;
    }

    private static List<Route> Routes(string capture) => Read(capture, RtnetlinkUapi.RTM_NEWROUTE, static (in NetlinkMessage m) => new RouteView(m).ToRoute());

    private static List<Neighbour> Neighbours(string capture) => Read(capture, RtnetlinkUapi.RTM_NEWNEIGH, static (in NetlinkMessage m) => new NeighbourView(m).ToNeighbour());
}
