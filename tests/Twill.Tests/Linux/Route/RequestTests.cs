using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Tc;
using Twill.Linux.Uapi;
using Xunit;

namespace Twill.Tests.Linux;

/// <summary>For the same intention we send what iproute2 sends, attribute by attribute.</summary>
public sealed class RequestTests
{
    private static readonly IfIndex s_bridge = new(2), s_v0 = new(3), s_vxlan = new(4), s_ifb = new(5);
    private static readonly RouteProtocol s_twill = new(77);

    /// <summary>`bridge` says both where one would do.</summary>
    private const NeighbourState Permanent = NeighbourState.Permanent | NeighbourState.NoArp;

    private const string AltName = "twill.0123456789abcdef0123456789abcdef.eth0";

    /// <summary>Capture, what we write, and what differs on purpose: a pattern of lines taken out of both sides.</summary>
    public static TheoryData<string, Action<NetlinkBatch>, string?> Cases => new()
    {
        {
            "bridge-add", b => LinkRequests.CreateBridge(b, new BridgeSpec
            {
                Name = "br0", Mac = Mac("02:00:00:00:00:aa"), Mtu = new Mtu(1450), Up = true, Stp = false, AgeingTimeCs = 6000, ForwardDelayCs = 200, NfCallIptables = true, McastSnooping = false,
            }), null
        },
        {
            // The namespace's descriptor has another number in each process; this one is of the test's own namespace.
            "veth-add", b =>
            {
                using var own = Twill.Linux.Netns.NetworkNamespace.Own();
                LinkRequests.CreateVeth(b, new VethSpec
                {
                    Name = "v0", PeerName = "eth0", PeerNamespace = own, Master = s_bridge, Up = true, Mtu = new Mtu(1450), PeerMtu = new Mtu(1450),
                    Mac = Mac("02:00:00:00:00:01"), PeerMac = Mac("02:00:00:00:00:02"), TxQueues = 1, RxQueues = 1, TxQueueLength = 77,
                });
            }, @"^\.18\.2\.1\.(28|30|31|32|13) "
        },
        { "veth-exists", b => LinkRequests.CreateVeth(b, new VethSpec { Name = "v0", PeerName = "eth1" }), null },
        { "link-nomaster", b => LinkRequests.SetMaster(b, s_v0, null), null },
        { "link-master", b => LinkRequests.SetMaster(b, s_v0, s_bridge), null },
        // "bridge_slave" is no kind of the kernel's: it would look for a module of that name.
        { "bridge-port", b => LinkRequests.SetBridgePort(b, s_v0, new BridgePortFlags { Hairpin = true, Isolated = true, Learning = false, Flood = false }), @"^\.18\.1 " },
        { "link-up", b => LinkRequests.SetUp(b, s_v0), null },
        { "link-mtu", b => LinkRequests.SetMtu(b, s_v0, new Mtu(1400)), null },
        { "link-address", b => LinkRequests.SetMac(b, s_v0, Mac("02:00:00:00:00:03")), null },
        { "link-alias", b => LinkRequests.SetAlias(b, s_v0, "pod default/nginx"), null },
        { "link-altname", b => LinkRequests.AddAltName(b, s_v0, AltName), null },
        { "link-altname-del", b => LinkRequests.RemoveAltName(b, s_v0, AltName), null },
        { "link-altname-get", b => LinkRequests.Get(b, AltName), @"^\.29 " }, // iproute2 asks for virtual functions too
        { "link-group", b => LinkRequests.SetGroup(b, s_v0, 7), null },
        { "link-txqueuelen", b => LinkRequests.SetTxQueueLength(b, s_v0, 100), null },
        { "link-addrgenmode", b => LinkRequests.SetAddrGenMode(b, s_v0, AddrGenMode.None), null },
        { "link-rename", b => LinkRequests.Rename(b, s_v0, "v9"), null },
        { "link-netns", b => { using var own = Twill.Linux.Netns.NetworkNamespace.Own(); LinkRequests.Move(b, s_v0, own); }, @"^\.28 " },
        { "link-del", b => LinkRequests.Delete(b, s_vxlan), null },
        { "link-del-group", b => LinkRequests.DeleteGroup(b, 9), null },
        { "link-dump-master", b => LinkRequests.Dump(b, new LinkFilter(Master: s_bridge)), @"^\.29 " },
        { "addr-add", b => AddressRequests.Add(b, s_v0, IpPrefix.Parse("10.0.0.1/24")), null },
        { "addr-add-v6", b => AddressRequests.Add(b, s_v0, IpPrefix.Parse("fd00::1/64"), AddressFlags.NoDad | AddressFlags.NoPrefixRoute), null },
        { "addr-replace", b => AddressRequests.Replace(b, new AddressSpec { Dev = s_v0, Address = IpPrefix.Parse("10.0.0.1/24") }), null },
        { "addr-add-peer", b => AddressRequests.Add(b, new AddressSpec { Dev = s_v0, Address = IpPrefix.Parse("10.1.0.1/32"), Peer = IpAddress.Parse("10.1.0.2"), Scope = RouteScope.Link }), null },
        {
            "vxlan-add", b => LinkRequests.CreateVxlan(b, new VxlanSpec
            {
                Name = "vx0", Vni = new Vni(7), Port = 4789, Local = IpAddress.Parse("10.0.0.1"), Dev = s_v0, Ttl = 64, Df = VxlanDf.Set, Learning = false, SourcePorts = (40000, 50000),
                UdpChecksum = true, UdpZeroChecksum6Tx = true, UdpZeroChecksum6Rx = true, Mac = Mac("02:00:00:00:00:07"), Up = true,
            }), null
        },
        { "route-add", b => RouteRequests.Add(b, Route("10.244.2.0/24", "10.0.0.2") with { Protocol = s_twill }), null },
        { "route-link", b => RouteRequests.Add(b, Route("10.244.3.7/32", null)), null },
        { "route-default", b => RouteRequests.Add(b, new RouteSpec { Destination = RouteSpec.DefaultV4, Gateway = IpAddress.Parse("10.0.0.2") }), null },
        { "route-replace", b => RouteRequests.Replace(b, Route("10.244.2.0/24", "10.0.0.3") with { Protocol = s_twill, Priority = 50, PreferredSource = IpAddress.Parse("10.0.0.1") }), null },
        { "route-onlink", b => RouteRequests.Add(b, Route("10.244.4.0/24", "169.254.1.1") with { OnLink = true }), null },
        { "route-metrics", b => RouteRequests.Add(b, Route("10.244.5.0/24", "10.0.0.2") with { Mtu = new Mtu(1400), LockMtu = true, AdvMss = 1300 }), null },
        {
            "route-multipath", b => RouteRequests.Add(b, new RouteSpec
            {
                Destination = IpPrefix.Parse("10.244.6.0/24"),
                NextHops =
                [
                    new NextHop { Gateway = IpAddress.Parse("10.0.0.2"), Dev = s_v0, Weight = 1 },
                    new NextHop { Gateway = IpAddress.Parse("10.0.0.3"), Dev = s_v0, Weight = 5 },
                    new NextHop { Gateway = IpAddress.Parse("169.254.1.1"), Dev = s_v0, OnLink = true },
                ],
            }), null
        },
        { "route-via6", b => RouteRequests.Add(b, Route("10.244.7.0/24", "fd00::2")), null },
        { "route-v6", b => RouteRequests.Add(b, Route("fd01::/64", "fd00::2") with { Table = new RouteTable(1000) }), null },
        { "route-blackhole", b => RouteRequests.Add(b, new RouteSpec { Destination = IpPrefix.Parse("10.245.0.0/16"), Type = RouteType.Blackhole, Table = new RouteTable(1000) }), null },
        { "route-local", b => RouteRequests.Add(b, new RouteSpec { Destination = IpPrefix.Parse("10.246.0.0/16"), Type = RouteType.Local, Dev = IfIndex.Loopback }), null },
        { "route-del", b => RouteRequests.Remove(b, Route("10.244.3.7/32", null)), null },
        { "route-error", b => RouteRequests.Add(b, Route("10.247.0.0/16", "192.0.2.1")), null },
        { "route-get", b => RouteRequests.Lookup(b, new RouteLookup { Destination = IpAddress.Parse("10.244.2.7") }), null },
        { "route-get-fibmatch", b => RouteRequests.Lookup(b, new RouteLookup { Destination = IpAddress.Parse("10.244.2.7"), FibMatch = true, Mark = 5 }), null },
        { "neigh-add", b => NeighbourRequests.Add(b, new NeighbourSpec { Dev = s_v0, Address = IpAddress.Parse("10.0.0.2"), Mac = Mac("02:00:00:00:00:02") }), null },
        { "neigh-replace", b => NeighbourRequests.Replace(b, new NeighbourSpec { Dev = s_v0, Address = IpAddress.Parse("10.0.0.2"), Mac = Mac("02:00:00:00:00:04"), State = NeighbourState.Reachable }), null },
        { "fdb-add", b => NeighbourRequests.AddFdb(b, new FdbSpec { Dev = s_vxlan, Mac = Mac("02:00:00:00:00:08"), Destination = IpAddress.Parse("10.0.0.9"), State = Permanent }), null },
        { "fdb-append", b => NeighbourRequests.AppendFdb(b, new FdbSpec { Dev = s_vxlan, Mac = default, Destination = IpAddress.Parse("10.0.0.9"), State = Permanent }), null },
        { "fdb-master", b => NeighbourRequests.AddFdb(b, new FdbSpec { Dev = s_v0, Mac = Mac("02:00:00:00:00:09"), Flags = NeighbourFlags.Master, State = NeighbourState.NoArp | NeighbourState.Reachable }), null },
        { "fdb-del", b => NeighbourRequests.RemoveFdb(b, new FdbSpec { Dev = s_vxlan, Mac = Mac("02:00:00:00:00:08"), State = Permanent }), null },
        {
            "rule-add", b => RuleRequests.Add(b, new RuleSpec
            {
                Mark = 0x10, MarkMask = 0xf0, From = IpPrefix.Parse("10.244.0.0/16"), To = IpPrefix.Parse("10.0.0.0/8"), InputDev = "v0", Table = new RouteTable(1000), Priority = 1000, Protocol = s_twill,
            }), null
        },
        { "rule-not", b => RuleRequests.Add(b, new RuleSpec { Invert = true, Mark = 7, Table = RouteTable.Main, SuppressPrefixLength = 0, Priority = 1001 }), null },
        { "rule-del", b => RuleRequests.Remove(b, new RuleSpec { Priority = 1001 }), null },
        { "tbf-add", b => QdiscRequests.AddTbf(b, new TbfSpec { Dev = s_v0, RateBytesPerSecond = 1_250_000, BurstBytes = 32768, LatencyUs = 25_000, Handle = TcHandle.Of(1) }), @"^\.2\.[12] " },
        { "tbf-replace", b => QdiscRequests.ReplaceTbf(b, new TbfSpec { Dev = s_v0, RateBytesPerSecond = 10_000_000_000, BurstBytes = 10 << 20, LimitBytes = 20 << 20, Handle = TcHandle.Of(1) }), @"^\.2\.[12] " },
        { "qdisc-ingress", b => QdiscRequests.AddIngress(b, s_v0), null },
        { "qdisc-del", b => QdiscRequests.Remove(b, s_v0, TcHandle.Root), null },
        { "filter-mirred", b => FilterRequests.AddRedirectU32(b, s_v0, TcHandle.Of(0xffff), s_ifb), null },
        { "filter-matchall", b => FilterRequests.AddRedirectMatchall(b, s_v0, TcHandle.IngressFilters, s_ifb), null },
        { "filter-del", b => FilterRequests.Remove(b, s_v0, TcHandle.Of(0xffff), 1), null },
        { "nsid-set", b => { using var own = Twill.Linux.Netns.NetworkNamespace.Own(); NamespaceIdRequests.Add(b, own, 42); }, @"^\.3 " },
    };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Request_AsIproute2Writes_AttributeByAttribute(string capture, Action<NetlinkBatch> write, string? differs)
    {
        NetlinkBatch batch = new NetlinkBatch().Reset(0);
        write(batch);
        string expected = MessageText.Of(Capture.Load(capture).Request), actual = MessageText.Of(batch.Bytes);
        if (differs is not null)
        {
            expected = Without(expected, differs);
            actual = Without(actual, differs);
        }

        Assert.Equal(expected, actual);
    }

    /// <summary>tc 6.1 cuts times to whole microseconds; ours are as exact as a tick. The kernel looks at neither: TCA_TBF_BURST and the rate say it all.</summary>
    [Fact]
    public void Tbf_Times_WithinAMicrosecondOfTc()
    {
        NetlinkBatch batch = new NetlinkBatch().Reset(0);
        QdiscRequests.AddTbf(batch, new TbfSpec { Dev = s_v0, RateBytesPerSecond = 1_250_000, BurstBytes = 32768, LatencyUs = 25_000, Handle = TcHandle.Of(1) });
        (TcTbfQopt ours, uint[] ourTable) = Tbf(batch.Bytes);
        (TcTbfQopt theirs, uint[] theirTable) = Tbf(Capture.Load("tbf-add").Request);
        Assert.InRange(ours.buffer, theirs.buffer, theirs.buffer + 16);
        Assert.All(ourTable.Zip(theirTable), pair => Assert.InRange(pair.First, pair.Second, pair.Second + 16));
        Assert.Equal(theirs with { buffer = ours.buffer }, ours);
    }

    private static (TcTbfQopt Parameters, uint[] Table) Tbf(ReadOnlySpan<byte> message)
    {
        TcTbfQopt parameters = default;
        uint[] table = [];
        Assert.True(NetlinkMessage.TryRead(ref message, out NetlinkMessage request));
        AttributeReader attributes = request.Attributes<TcMsg>();
        while (attributes.Next())
        {
            if (attributes.Type != RtnetlinkUapi.TCA_OPTIONS) continue;
            AttributeReader options = attributes.Nested();
            while (options.Next())
            {
                if (options.Type == PktSchedUapi.TCA_TBF_PARMS) parameters = options.Struct<TcTbfQopt>();
                if (options.Type == PktSchedUapi.TCA_TBF_RTAB) table = MemoryMarshal.Cast<byte, uint>(options.Payload).ToArray();
            }
        }

        return (parameters, table);
    }

    private static string Without(string text, string lines) => string.Join('\n', text.Split('\n').Where(l => !Regex.IsMatch(l, lines)));

    private static MacAddress Mac(string text) => MacAddress.TryParse(text, out MacAddress mac) ? mac : throw new FormatException(text);

    private static RouteSpec Route(string destination, string? gateway) => new()
    {
        Destination = IpPrefix.Parse(destination),
        Gateway = gateway is null ? null : IpAddress.Parse(gateway),
        Dev = s_v0,
    };
}
