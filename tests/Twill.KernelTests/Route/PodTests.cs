using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.Route;

/// <summary>What the plugin does for a pod: two sends.</summary>
[Collection(KernelCollection.Name)]
public sealed class PodTests : IClassFixture<LeakCheck>, IDisposable
{
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Fact]
    public void Pod_Wired_InTwoSends()
    {
        Assert.True(_box.Host.TryCreateBridge(new BridgeSpec { Name = "br0", Up = true }));
        IfIndex bridge = _box.Host.GetLink("br0").Index;

        // One: the pair. Its echo names both indices.
        VethPair pair = _box.Host.CreateVeth(new VethSpec { Name = "tw1", PeerName = "eth0", PeerNamespace = _box.PodNamespace, Master = bridge, Mtu = new Mtu(1450), PeerMtu = new Mtu(1450), Up = true, TxQueues = 1, RxQueues = 1 });

        // Two: everything inside.
        NetlinkBatch batch = _box.Pod.Netlink.NewBatch();
        LinkRequests.SetUp(batch, IfIndex.Loopback);
        LinkRequests.SetUp(batch, pair.PeerIndex);
        AddressRequests.Add(batch, pair.PeerIndex, IpPrefix.Parse("10.244.1.7/24"));
        RouteRequests.Add(batch, new RouteSpec { Destination = RouteSpec.DefaultV4, Gateway = IpAddress.Parse("10.244.1.1") });
        _box.Pod.Netlink.Execute(batch).ThrowIfFailed("cannot wire the pod");

        Assert.True(_box.Pod.GetLink("eth0").IsRunning);
        Assert.True(_box.Pod.GetLink("lo").IsUp);
        Assert.Equal(IpAddress.Parse("10.244.1.1"), Assert.Single(_box.Pod.Routes(), r => r.Destination == RouteSpec.DefaultV4).Gateway);
        Assert.Equal(pair.Index, Assert.Single(_box.Host.Links(new LinkFilter(Master: bridge))).Index);
    }

    [Fact]
    public void Batch_WithARefusedMessage_NamesWhichAndGoesOn()
    {
        _box.Wire();
        NetlinkBatch batch = _box.Host.Netlink.NewBatch();
        LinkRequests.SetAlias(batch, "v0", "a");
        LinkRequests.SetAlias(batch, "nothere", "b");
        LinkRequests.SetAlias(batch, "v0", "c");
        NetlinkOutcome outcome = _box.Host.Netlink.Execute(batch);
        Assert.Equal((Linux.Sys.Errno.ENODEV, 1), (outcome.Errno, outcome.Index));
        Assert.Equal("c", _box.Host.GetLink("v0").Alias);
    }

    [Fact]
    public void Bridge_MtuOfCreation_FollowsThePorts()
    {
        Assert.True(_box.Host.TryCreateBridge(new BridgeSpec { Name = "br0", Mtu = new Mtu(1400) }));
        VethPair pair = _box.Wire();
        _box.Host.SetMaster(pair.Index, _box.Host.GetLink("br0").Index);
        Assert.Equal(1500, _box.Host.GetLink("br0").Mtu.Value);
        _box.Host.SetMtu("br0", new Mtu(1400));
        _box.Host.SetMaster(pair.Index, null);
        Assert.Equal(1400, _box.Host.GetLink("br0").Mtu.Value);
    }
}
