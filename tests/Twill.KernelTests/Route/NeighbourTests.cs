using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Route;

[Collection(KernelCollection.Name)]
public sealed class NeighbourTests : IClassFixture<LeakCheck>, IDisposable
{
    private static readonly MacAddress s_mac = new(0x020000000042);
    private readonly Sandbox _box = new();
    private readonly VethPair _pair;

    public NeighbourTests() => _pair = _box.Wire();

    public void Dispose() => _box.Dispose();

    [Theory]
    [InlineData("10.0.0.9")]
    [InlineData("fd00::9")]
    public void Neighbour_AddedTwiceRemovedTwice_SaysSo(string address)
    {
        var spec = new NeighbourSpec { Dev = _pair.Index, Address = IpAddress.Parse(address), Mac = s_mac, Flags = NeighbourFlags.ExternallyLearned, Protocol = 77 };
        Assert.True(_box.Host.TryAddNeighbour(spec));
        Assert.False(_box.Host.TryAddNeighbour(spec));
        Neighbour read = Assert.Single(_box.Host.Neighbours(_pair.Index), n => n.Address == spec.Address);
        Assert.Equal((s_mac, NeighbourState.Permanent, NeighbourFlags.ExternallyLearned, (byte)77), (read.Mac!.Value, read.State, read.Flags, read.Protocol));
        _box.Host.ReplaceNeighbour(spec with { Mac = new MacAddress(0x020000000043), State = NeighbourState.Reachable });
        read = Assert.Single(_box.Host.Neighbours(_pair.Index), n => n.Address == spec.Address);
        Assert.Equal((new MacAddress(0x020000000043), NeighbourState.Reachable), (read.Mac!.Value, read.State));
        Assert.True(_box.Host.RemoveNeighbour(_pair.Index, spec.Address));
        Assert.False(_box.Host.RemoveNeighbour(_pair.Index, spec.Address) && _box.Host.Neighbours(_pair.Index).Any(n => n.Address == spec.Address));
    }

    [Fact]
    public void Neighbour_Proxy_HasATableOfItsOwn()
    {
        var spec = new NeighbourSpec { Dev = _pair.Index, Address = IpAddress.Parse("10.0.0.77"), Flags = NeighbourFlags.Proxy };
        _box.Host.ReplaceNeighbour(spec);
        Assert.Single(_box.Host.Neighbours(_pair.Index, proxies: true), n => n.Address == spec.Address);
        Assert.True(_box.Host.RemoveNeighbour(_pair.Index, spec.Address, proxy: true));
        Assert.False(_box.Host.RemoveNeighbour(_pair.Index, spec.Address, proxy: true));
    }

    [Fact]
    public void Fdb_OfVxlan_AddedTwiceRemovedTwice_SaysSo()
    {
        Assert.True(_box.Host.TryCreateVxlan(new VxlanSpec { Name = "vx0", Vni = new Vni(5), Port = 4789, Local = IpAddress.Parse("10.0.0.1"), Learning = false, Up = true }));
        IfIndex vxlan = _box.Host.GetLink("vx0").Index;
        var spec = new FdbSpec { Dev = vxlan, Mac = s_mac, Destination = IpAddress.Parse("10.0.0.2") };
        Assert.True(_box.Host.TryAddFdb(spec));
        Assert.False(_box.Host.TryAddFdb(spec));
        _box.Host.ReplaceFdb(spec with { Destination = IpAddress.Parse("10.0.0.3"), Port = 8472, Vni = new Vni(6) });
        Neighbour read = Assert.Single(_box.Host.Fdb(vxlan), n => n.Mac == s_mac);
        Assert.Equal((IpAddress.Parse("10.0.0.3"), NeighbourState.Permanent, true, (ushort)8472, new Vni(6)), (read.Address!.Value, read.State, read.Flags.HasFlag(NeighbourFlags.Self), read.Port, read.Vni!.Value));

        var flood = new FdbSpec { Dev = vxlan, Mac = default, Destination = IpAddress.Parse("10.0.0.2") };
        _box.Host.AppendFdb(flood);
        _box.Host.AppendFdb(flood with { Destination = IpAddress.Parse("10.0.0.3") });
        _box.Host.AppendFdb(flood);
        Assert.Equal(2, _box.Host.Fdb(vxlan).Count(n => n.Mac == default(MacAddress)));

        Assert.True(_box.Host.RemoveFdb(new FdbSpec { Dev = vxlan, Mac = s_mac }));
        Assert.False(_box.Host.RemoveFdb(new FdbSpec { Dev = vxlan, Mac = s_mac }));
        Assert.True(_box.Host.RemoveLink(vxlan));
        Assert.False(_box.Host.RemoveFdb(new FdbSpec { Dev = vxlan, Mac = s_mac }));
    }

    [Fact]
    public void Fdb_OfBridgePort_StaticAndDynamic()
    {
        Assert.True(_box.Host.TryCreateBridge(new BridgeSpec { Name = "br0", Up = true }));
        IfIndex bridge = _box.Host.GetLink("br0").Index;
        var notAPort = Assert.Throws<NetlinkException>(() => _box.Host.TryAddFdb(new FdbSpec { Dev = _pair.Index, Mac = s_mac, Flags = NeighbourFlags.Master }));
        Assert.True(notAPort.Errno is Errno.EOPNOTSUPP or Errno.EINVAL, notAPort.Message);
        _box.Host.SetMaster(_pair.Index, bridge);
        var spec = new FdbSpec { Dev = _pair.Index, Mac = s_mac, Flags = NeighbourFlags.Master, State = NeighbourState.NoArp };
        Assert.True(_box.Host.TryAddFdb(spec));
        Assert.False(_box.Host.TryAddFdb(spec));
        Neighbour read = Assert.Single(_box.Host.Fdb(bridge: bridge), n => n.Mac == s_mac);
        Assert.Equal((_pair.Index, bridge, NeighbourState.NoArp), (read.Dev, read.Master!.Value, read.State));
        var dynamic = new FdbSpec { Dev = _pair.Index, Mac = new MacAddress(0x020000000044), Flags = NeighbourFlags.Master, State = NeighbourState.Reachable };
        Assert.True(_box.Host.TryAddFdb(dynamic));
        Assert.Equal(NeighbourState.Reachable, Assert.Single(_box.Host.Fdb(_pair.Index), n => n.Mac == dynamic.Mac).State);
        Assert.True(_box.Host.RemoveFdb(spec));
        Assert.False(_box.Host.RemoveFdb(spec));
    }
}
