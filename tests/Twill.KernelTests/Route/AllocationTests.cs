using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Uapi;
using Xunit;

namespace Twill.KernelTests.Route;

/// <summary>The plugin's and the agent's paths allocate nothing once warm.</summary>
[Collection(KernelCollection.Name)]
public sealed class AllocationTests : IClassFixture<LeakCheck>, IDisposable
{
    private readonly Sandbox _box = new();
    private readonly VethPair _pair;

    public AllocationTests() => _pair = _box.Wire();

    public void Dispose() => _box.Dispose();

    [Fact]
    public void VethCreateAndDelete_InOneBatch_AllocatesNothing()
    {
        var spec = new VethSpec { Name = "v1", PeerName = "eth1", PeerNamespace = _box.PodNamespace, Mtu = new Mtu(1450), Up = true };
        AssertNoAllocation(5, () =>
        {
            NetlinkBatch batch = _box.Host.Netlink.NewBatch();
            LinkRequests.CreateVeth(batch, spec);
            LinkRequests.Delete(batch, "v1");
            return _box.Host.Netlink.Execute(batch).Ok;
        });
    }

    [Fact]
    public void CreateVeth_Convenience_AllocatesNothing()
    {
        var spec = new VethSpec { Name = "v1", PeerName = "eth1", PeerNamespace = _box.PodNamespace, Up = true };
        AssertNoAllocation(5, () => _box.Host.TryCreateVeth(spec, out VethPair pair) == VethCreation.Created && _box.Host.RemoveLink(pair.Index));
    }

    [Fact]
    public void Address_AddAndRemove_AllocatesNothing()
    {
        IpPrefix address = IpPrefix.Parse("10.7.0.1/24");
        AssertNoAllocation(50, () => _box.Host.TryAddAddress(_pair.Index, address) && _box.Host.RemoveAddress(_pair.Index, address));
    }

    [Fact]
    public void Route_Replace_AllocatesNothing()
    {
        var route = new RouteSpec { Destination = IpPrefix.Parse("10.8.0.0/24"), Gateway = IpAddress.Parse("10.0.0.2"), Dev = _pair.Index, Mtu = new Mtu(1400) };
        AssertNoAllocation(50, () =>
        {
            _box.Host.ReplaceRoute(route);
            return true;
        });
    }

    [Fact]
    public void Link_ByName_AllocatesNothing()
    {
        AssertNoAllocation(50, () => _box.Host.TryGetIndex("v0", out IfIndex index) && index == _pair.Index && !_box.Host.TryGetIndex("nothere", out _));
        AssertNoAllocation(50, () =>
        {
            var reader = default(NameIsV0);
            return _box.Host.QueryLink("v0", ref reader) && reader.Yes;
        });
    }

    [Fact]
    public void Dump_Of200Links_AllocatesNothing()
    {
        for (int i = 0; i < 100; i++) _box.Host.CreateVeth(new VethSpec { Name = "d" + i, PeerName = "e" + i, Group = 5, TxQueues = 1, RxQueues = 1 });
        AssertNoAllocation(10, () =>
        {
            var reader = default(LinkCounter);
            return _box.Host.DumpLinks(new LinkFilter(Kind: "veth"), ref reader).Ok && reader.Count == 201 && reader.Named == 201;
        });
        Assert.True(_box.Host.RemoveLinkGroup(5) || _box.Host.RemoveLink("d0"));
    }

    private static void AssertNoAllocation(int times, Func<bool> action)
    {
        for (int i = 0; i < 3; i++) Assert.True(action());
        bool all = true;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < times; i++) all &= action();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(all);
        Assert.Equal(0, allocated);
    }

    private struct NameIsV0 : INetlinkReader
    {
        internal bool Yes;

        public void Restart() => Yes = false;

        public void Read(in NetlinkMessage message) => Yes = new LinkView(message).Name.SequenceEqual("v0"u8);
    }

    private struct LinkCounter : INetlinkReader
    {
        internal int Count;
        internal int Named;

        public void Restart() => this = default;

        public void Read(in NetlinkMessage message)
        {
            if (message.Type != RtnetlinkUapi.RTM_NEWLINK) return;
            var link = new LinkView(message);
            Count++;
            if (!link.Name.IsEmpty && link.Kind.SequenceEqual("veth"u8)) Named++;
        }
    }
}
