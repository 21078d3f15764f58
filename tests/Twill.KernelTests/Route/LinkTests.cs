using System.Text;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Route;

[Collection(KernelCollection.Name)]
public sealed class LinkTests : IClassFixture<LeakCheck>, IDisposable
{
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Fact]
    public void Veth_AcrossNamespaces_IsMadeReadAndRemoved()
    {
        Assert.True(_box.Host.TryCreateBridge(new BridgeSpec { Name = "br0", Up = true }));
        IfIndex bridge = _box.Host.GetLink("br0").Index;
        var spec = new VethSpec
        {
            Name = "v0",
            PeerName = "eth0",
            PeerNamespace = _box.PodNamespace,
            Master = bridge,
            Mtu = new Mtu(1450),
            PeerMtu = new Mtu(1450),
            Mac = MacAddress.TryParse("0a:00:00:00:00:01", out MacAddress mac) ? mac : default,
            PeerMac = MacAddress.TryParse("0a:00:00:00:00:02", out MacAddress peerMac) ? peerMac : default,
            Up = true,
            TxQueues = 1,
            RxQueues = 1,
            TxQueueLength = 77,
            Group = 9,
        };
        Assert.Equal(VethCreation.Created, _box.Host.TryCreateVeth(spec, out VethPair pair));

        Link host = _box.Host.GetLink("v0");
        Link pod = _box.Pod.GetLink("eth0");
        Assert.Equal(new VethPair(host.Index, pod.Index), pair);
        Assert.Equal(("veth", mac, 1450, bridge, 77, 9u, 1, 1), (host.Kind, host.Mac!.Value, host.Mtu.Value, host.Master!.Value, host.TxQueueLength, host.Group, host.TxQueues, host.RxQueues));
        Assert.Equal((peerMac, 1450, 77), (pod.Mac!.Value, pod.Mtu.Value, pod.TxQueueLength));
        Assert.Equal(pod.Index, host.LinkedIndex);
        Assert.True(host.LinkNamespaceId >= 0);
        Assert.True(host.IsUp);
        Assert.False(pod.IsUp);
        Assert.NotNull(host.BridgePort);

        Assert.Equal(VethCreation.NameTaken, _box.Host.TryCreateVeth(spec, out _));
        Assert.Equal(VethCreation.PeerNameTaken, _box.Host.TryCreateVeth(spec with { Name = "v1" }, out _));
        var taken = Assert.Throws<NetlinkException>(() => _box.Host.CreateVeth(spec with { Name = "v1" }));
        Assert.Equal(Errno.EEXIST, taken.Errno);
        Assert.Contains("eth0 is taken in the peer's namespace", taken.Message, StringComparison.Ordinal);
        Assert.False(_box.Host.TryGetLink("v1", out _));

        Assert.True(_box.Host.RemoveLink("v0"));
        Assert.False(_box.Host.RemoveLink("v0"));
        Assert.False(_box.Host.RemoveLink(pair.Index));
        Assert.False(_box.Pod.TryGetLink("eth0", out _));
    }

    [Fact]
    public void AltName_UpTo127Bytes_FindsAndDeletesTheLink()
    {
        VethPair pair = _box.Wire();
        string owner = "twill." + new string('a', LinkKey.MaxAltNameBytes - 6);
        Assert.True(_box.Host.TryAddAltName("v0", owner));
        Assert.False(_box.Host.TryAddAltName("v0", owner));
        Assert.True(_box.Host.TryAddAltName(pair.Index, "short"));
        Assert.True(_box.Host.TryGetIndex(owner, out IfIndex found));
        Assert.Equal(pair.Index, found);
        Assert.Equal([owner, "short"], _box.Host.GetLink("short").AltNames);
        Assert.True(_box.Host.RemoveAltName(pair.Index, "short"));
        Assert.False(_box.Host.TryGetLink("short", out _));
        Assert.False(_box.Host.RemoveAltName(pair.Index, "short"));
        var tooLong = Assert.Throws<NetlinkException>(() => _box.Host.TryAddAltName("v0", owner + "b"));
        Assert.Contains("127", tooLong.Message, StringComparison.Ordinal);
        Assert.True(_box.Host.RemoveLink(owner));
        Assert.False(_box.Host.RemoveLink(owner));
        Assert.False(_box.Host.TryGetLink("v0", out _));
    }

    [Fact]
    public void Link_EachProperty_ReadsBack()
    {
        VethPair pair = _box.Wire();
        RouteSocket host = _box.Host;
        LinkKey v0 = pair.Index;
        host.SetMtu(v0, new Mtu(1300));
        host.SetMac(v0, new MacAddress(0x020000000005));
        host.SetAlias("v0", "pod default/nginx");
        host.SetGroup(v0, 12);
        host.SetTxQueueLength(v0, 55);
        host.SetPromiscuous(v0, true);
        host.SetAddrGenMode(v0, AddrGenMode.None);
        Link link = host.GetLink(pair.Index);
        Assert.Equal((1300, new MacAddress(0x020000000005), "pod default/nginx", 12u, 55, 1), (link.Mtu.Value, link.Mac!.Value, link.Alias, link.Group, link.TxQueueLength, link.Promiscuity));
        host.SetAlias("v0", "");
        host.SetPromiscuous(v0, false);
        host.SetDown(v0);
        Assert.True(host.TryRename(pair.Index, "v9"));
        Assert.False(host.TryRename(pair.Index, "lo"));
        link = host.GetLink("v9");
        Assert.Equal((pair.Index, "", 0, false), (link.Index, link.Alias, link.Promiscuity, link.IsUp));

        // Moved into the pod and renamed on the way.
        host.MoveLink(pair.Index, _box.PodNamespace, "eth9");
        Assert.False(host.TryGetLink("v9", out _));
        Assert.True(_box.Pod.TryGetLink("eth9", out _));
    }

    [Fact]
    public void BridgePort_Switches_ReadBack()
    {
        _box.Wire();
        Assert.True(_box.Host.TryCreateBridge(new BridgeSpec
        {
            Name = "br0",
            Mac = new MacAddress(0x0200000000aa),
            Mtu = new Mtu(1450),
            Up = true,
            Stp = false,
            AgeingTimeCs = 6000,
            NfCallIptables = true,
            NfCallIp6tables = true,
            McastSnooping = false,
        }));
        Assert.False(_box.Host.TryCreateBridge(new BridgeSpec { Name = "br0" }));
        Link bridge = _box.Host.GetLink("br0");
        Assert.Equal((1450, new MacAddress(0x0200000000aa)), (bridge.Mtu.Value, bridge.Mac!.Value));
        Assert.Equal(new BridgeInfo { AgeingTimeCs = 6000, ForwardDelayCs = 1500, NfCallIptables = true, NfCallIp6tables = true }, bridge.Bridge!.Value);
        _box.Host.SetBridge(new BridgeSpec { Name = "br0", NfCallIptables = false });
        Assert.False(_box.Host.GetLink("br0").Bridge!.Value.NfCallIptables);

        var notAPort = Assert.Throws<NetlinkException>(() => _box.Host.SetBridgePort("v0", new BridgePortFlags { Hairpin = true }));
        Assert.True(notAPort.Errno is Errno.EINVAL or Errno.EOPNOTSUPP, notAPort.Message);
        _box.Host.SetMaster("v0", bridge.Index);
        _box.Host.SetBridgePort("v0", new BridgePortFlags { Hairpin = true, Isolated = true, Locked = true, Learning = false, Flood = false, McastFlood = false, BroadcastFlood = false, NeighSuppress = true });
        BridgePort port = _box.Host.GetLink("v0").BridgePort!.Value;
        Assert.Equal(new BridgePort { State = port.State, Hairpin = true, Isolated = true, Locked = true, NeighSuppress = true }, port);
        _box.Host.SetBridgePort("v0", new BridgePortFlags { Isolated = false });
        Assert.Equal(port with { Isolated = false }, _box.Host.GetLink("v0").BridgePort!.Value);
        Assert.Equal(["v0"], _box.Host.Links(new LinkFilter(Master: bridge.Index)).Select(l => l.Name));
        Assert.Equal(["br0"], _box.Host.Links(new LinkFilter(Kind: "bridge")).Select(l => l.Name));
        _box.Host.SetMaster("v0", null);
        Assert.Null(_box.Host.GetLink("v0").Master);
    }

    [Fact]
    public void Vxlan_AllSettings_ReadBack()
    {
        VethPair pair = _box.Wire();
        var spec = new VxlanSpec
        {
            Name = "vx0",
            Vni = new Vni(7),
            Port = 4789,
            Local = IpAddress.Parse("10.0.0.1"),
            Dev = pair.Index,
            Learning = false,
            Df = VxlanDf.Set,
            Ttl = 64,
            UdpChecksum = true,
            UdpZeroChecksum6Tx = true,
            UdpZeroChecksum6Rx = true,
            SourcePorts = (40000, 50000),
            Mac = new MacAddress(0x020000000007),
            Mtu = new Mtu(1400),
            Up = true,
        };
        Assert.True(_box.Host.TryCreateVxlan(spec));
        Assert.False(_box.Host.TryCreateVxlan(spec));
        Assert.False(_box.Host.TryCreateVxlan(spec with { Name = "vx1" })); // same identifier and port
        Link link = _box.Host.GetLink("vx0");
        Assert.Equal(
            new VxlanInfo { Vni = spec.Vni, Port = 4789, Local = spec.Local, Dev = pair.Index, Df = VxlanDf.Set, Ttl = 64, UdpChecksum = true, UdpZeroChecksum6Tx = true, UdpZeroChecksum6Rx = true },
            link.Vxlan!.Value);
        Assert.Equal((spec.Mac, spec.Mtu, true), (link.Mac, link.Mtu, link.IsUp));
        Assert.True(_box.Host.RemoveLink("vx0"));
        Assert.False(_box.Host.RemoveLink("vx0"));
    }

    [Fact]
    public void Group_Deleted_TakesAllItsLinks()
    {
        for (int i = 0; i < 5; i++) _box.Host.CreateVeth(new VethSpec { Name = $"v{i}", PeerName = "eth" + i, PeerNamespace = _box.PodNamespace, Group = 40 });
        Assert.True(_box.Host.RemoveLinkGroup(40));
        Assert.False(_box.Host.RemoveLinkGroup(40));
        Assert.Empty(_box.Host.Links(new LinkFilter(Kind: "veth")));
    }

    [Fact]
    public void Refusals_CarryTheKernelsWords()
    {
        var gone = Assert.Throws<NetlinkException>(() => _box.Host.GetLink("nothere"));
        Assert.Equal(Errno.ENODEV, gone.Errno);
        Assert.Contains("cannot find link nothere in network namespace", gone.Message, StringComparison.Ordinal);
        var mtu = Assert.Throws<NetlinkException>(() => _box.Host.SetMtu("lo", new Mtu(-5)));
        Assert.NotNull(mtu.KernelText);
        Assert.Throws<NetlinkException>(() => _box.Host.SetUp("nothere"));
        Assert.Throws<NetlinkException>(() => _box.Host.SetGroup("nothere", 7));
        Assert.Throws<NetlinkException>(() => _box.Host.SetUp(default(IfIndex)));
        Assert.Throws<NetlinkException>(() => _box.Host.RemoveLink(default(IfIndex)));
    }

    [Fact]
    public void Link_BornInAnotherNamespace_IsThereAlone()
    {
        Assert.True(_box.Host.TryCreateBridge(new BridgeSpec { Name = "br7", Namespace = _box.PodNamespace, Up = true }));
        Assert.False(_box.Host.TryGetLink("br7", out _));
        Assert.True(_box.Pod.GetLink("br7").IsUp);
        Assert.False(_box.Host.TryCreateBridge(new BridgeSpec { Name = "br7", Namespace = _box.PodNamespace }));
        Assert.True(_box.Host.TryCreateVxlan(new VxlanSpec { Name = "vx7", Vni = new Vni(7), Port = 4789, Namespace = _box.PodNamespace }));
        Assert.Equal(new Vni(7), _box.Pod.GetLink("vx7").Vxlan!.Value.Vni);
    }

    [Fact]
    public void Veth_WithChosenIndices_HasThem()
    {
        VethPair pair = _box.Host.CreateVeth(new VethSpec { Name = "v0", PeerName = "eth0", PeerNamespace = _box.PodNamespace, Index = new IfIndex(1000), PeerIndex = new IfIndex(2) });
        Assert.Equal(new VethPair(new IfIndex(1000), new IfIndex(2)), pair);
    }

    [Fact]
    public void LinkView_OfOneLink_ReadsInPlace()
    {
        _box.Wire();
        _box.Host.TryAddAltName("v0", "twill.owner-1");
        var reader = default(Names);
        Assert.True(_box.Host.QueryLink("v0", ref reader));
        Assert.Equal(("v0", "twill.owner-1"), (reader.Name, reader.AltName));
        Assert.False(_box.Host.QueryLink("v1", ref reader));
    }

    private struct Names : INetlinkReader
    {
        internal string? Name;
        internal string? AltName;

        public void Restart() => this = default;

        public void Read(in NetlinkMessage message)
        {
            var link = new LinkView(message);
            Assert.True(link.HasAltName("twill.owner-1"u8));
            Assert.False(link.HasAltName("twill.owner-2"u8));
            Name = Encoding.UTF8.GetString(link.Name);
            AltName = Encoding.UTF8.GetString(link.AltNameWithPrefix("twill."u8));
        }
    }
}
