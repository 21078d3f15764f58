using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Route;

[Collection(KernelCollection.Name)]
public sealed class AddressTests : IClassFixture<LeakCheck>, IDisposable
{
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Theory]
    [InlineData("10.1.2.3/24", AddressFlags.None)]
    [InlineData("10.1.2.3/32", AddressFlags.NoPrefixRoute)]
    [InlineData("fd00::7/64", AddressFlags.NoDad)]
    [InlineData("fd00::7/128", AddressFlags.NoDad | AddressFlags.NoPrefixRoute)]
    public void Address_AddedTwiceRemovedTwice_SaysSo(string text, AddressFlags flags)
    {
        VethPair pair = _box.Host.CreateVeth(new VethSpec { Name = "v0", PeerName = "v1" });
        IpPrefix address = IpPrefix.Parse(text);
        var spec = new AddressSpec { Dev = pair.Index, Address = address, Flags = flags };
        Assert.True(_box.Host.TryAddAddress(spec));
        Assert.False(_box.Host.TryAddAddress(spec));
        _box.Host.ReplaceAddress(spec);

        IfAddress read = Assert.Single(_box.Host.Addresses(pair.Index), a => a.Address == address);
        Assert.Equal(flags, read.Flags & (AddressFlags.NoDad | AddressFlags.NoPrefixRoute));
        Assert.Equal((pair.Index, RouteScope.Universe, null), (read.Dev, read.Scope, read.Peer));
        Assert.Equal((flags & AddressFlags.NoPrefixRoute) == 0 && address.Length < address.Address.Bits, HasSubnetRoute(address));

        Assert.True(_box.Host.RemoveAddress(pair.Index, address));
        Assert.False(_box.Host.RemoveAddress(pair.Index, address));
        Assert.True(_box.Host.RemoveLink(pair.Index));
        Assert.False(_box.Host.RemoveAddress(pair.Index, address));
    }

    [Fact]
    public void Address_PeerScopeAndProtocol_ReadBack()
    {
        VethPair pair = _box.Host.CreateVeth(new VethSpec { Name = "v0", PeerName = "v1" });
        var spec = new AddressSpec
        {
            Dev = pair.Index,
            Address = IpPrefix.Parse("10.1.2.3/32"),
            Peer = IpAddress.Parse("10.9.9.9"),
            Scope = RouteScope.Link,
            Protocol = 77,
        };
        Assert.True(_box.Host.TryAddAddress(spec));
        IfAddress read = Assert.Single(_box.Host.Addresses(pair.Index));
        Assert.Equal((spec.Address, spec.Peer, RouteScope.Link, (byte)77), (read.Address, read.Peer, read.Scope, read.Protocol));
    }

    [Fact]
    public void Address_OnNoLink_IsRefusedInFourParts()
    {
        var e = Assert.Throws<NetlinkException>(() => _box.Host.TryAddAddress(new IfIndex(99), IpPrefix.Parse("10.0.0.1/24")));
        Assert.Equal(Errno.ENODEV, e.Errno);
        Assert.Contains("cannot add address 10.0.0.1/24 dev #99", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Advice);
        Assert.Throws<NetlinkException>(() => _box.Host.Addresses(new IfIndex(99)));
    }

    private bool HasSubnetRoute(IpPrefix address) => _box.Host.Routes().Any(r => r.Destination == address.Network && r.Type == RouteType.Unicast) || !_box.Host.GetLink("v0").IsUp && HasWhenUp(address);

    private bool HasWhenUp(IpPrefix address)
    {
        _box.Host.SetUp("v0");
        return _box.Host.Routes().Any(r => r.Destination == address.Network && r.Type == RouteType.Unicast && r.Protocol == RouteProtocol.Kernel && r.Destination.Length < r.Destination.Address.Bits);
    }
}
