using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Route;

[Collection(KernelCollection.Name)]
public sealed class RouteTests : IClassFixture<LeakCheck>, IDisposable
{
    private static readonly RouteProtocol s_twill = new(77);
    private readonly Sandbox _box = new();
    private readonly VethPair _pair;

    public RouteTests()
    {
        _pair = _box.Wire();
        _box.Host.TryAddAddress(_pair.Index, IpPrefix.Parse("fd00::1/64"), AddressFlags.NoDad);
    }

    public void Dispose() => _box.Dispose();

    [Theory]
    [InlineData("10.244.2.0/24", "10.0.0.2")]
    [InlineData("0.0.0.0/0", "10.0.0.2")]
    [InlineData("10.244.2.7/32", null)]
    [InlineData("fd01::/64", "fd00::2")]
    [InlineData("::/0", "fd00::2")]
    [InlineData("10.244.3.0/24", "fd00::2")]
    public void Route_AddedTwiceRemovedTwice_SaysSo(string destination, string? gateway)
    {
        var spec = new RouteSpec
        {
            Destination = IpPrefix.Parse(destination),
            Gateway = gateway is null ? null : IpAddress.Parse(gateway),
            Dev = _pair.Index,
            Protocol = s_twill,
        };
        Assert.True(_box.Host.TryAddRoute(spec));
        Assert.False(_box.Host.TryAddRoute(spec));
        _box.Host.ReplaceRoute(spec with { Mtu = new Mtu(1400), LockMtu = true, AdvMss = 1300 });
        Twill.Linux.Route.Route read = Assert.Single(_box.Host.Routes(new RouteFilter(Protocol: s_twill)));
        Assert.Equal((spec.Destination, spec.Gateway, spec.Dev, RouteTable.Main, s_twill, RouteType.Unicast), (read.Destination, read.Gateway, read.Dev, read.Table, read.Protocol, read.Type));
        Assert.Equal((new Mtu(1400), true, 1300), (read.Mtu, read.LockMtu, read.AdvMss));
        Assert.True(_box.Host.RemoveRoute(read.ToSpec()));
        Assert.False(_box.Host.RemoveRoute(spec));
        Assert.Empty(_box.Host.Routes(new RouteFilter(Protocol: s_twill)));
    }

    [Theory]
    [InlineData(RouteType.Blackhole, "10.250.0.0/16")]
    [InlineData(RouteType.Unreachable, "10.250.0.0/16")]
    [InlineData(RouteType.Prohibit, "fd07::/48")]
    [InlineData(RouteType.Throw, "10.250.0.0/16")]
    [InlineData(RouteType.Blackhole, "fd07::/48")]
    public void Route_OfOtherType_ReadsBack(RouteType type, string destination)
    {
        var spec = new RouteSpec { Destination = IpPrefix.Parse(destination), Type = type, Protocol = s_twill, Table = new RouteTable(1000), Priority = 50 };
        Assert.True(_box.Host.TryAddRoute(spec));
        Twill.Linux.Route.Route read = Assert.Single(_box.Host.Routes(new RouteFilter(Table: new RouteTable(1000))));
        Assert.Equal((spec.Destination, type, 50u), (read.Destination, read.Type, read.Priority));
        Assert.Empty(_box.Host.Routes(new RouteFilter(Table: new RouteTable(1001))));
        Assert.True(_box.Host.RemoveRoute(spec));
        Assert.False(_box.Host.RemoveRoute(spec));
    }

    [Fact]
    public void Route_Local_GoesToTheLocalTable()
    {
        var spec = new RouteSpec { Destination = IpPrefix.Parse("10.99.0.0/16"), Type = RouteType.Local, Dev = IfIndex.Loopback, Protocol = s_twill };
        _box.Host.SetUp(IfIndex.Loopback);
        Assert.True(_box.Host.TryAddRoute(spec));
        Assert.Equal(RouteTable.Local, Assert.Single(_box.Host.Routes(new RouteFilter(Protocol: s_twill))).Table);
    }

    [Fact]
    public void Route_Multipath_ReadsBackWithWeights()
    {
        NextHop[] hops =
        [
            new NextHop { Gateway = IpAddress.Parse("10.0.0.2"), Dev = _pair.Index, Weight = 1 },
            new NextHop { Gateway = IpAddress.Parse("10.0.0.3"), Dev = _pair.Index, Weight = 5 },
            new NextHop { Gateway = IpAddress.Parse("172.31.0.1"), Dev = _pair.Index, Weight = 1, OnLink = true },
            new NextHop { Gateway = IpAddress.Parse("fd00::9"), Dev = _pair.Index, Weight = 1 },
        ];
        var spec = new RouteSpec { Destination = IpPrefix.Parse("10.245.0.0/16"), NextHops = hops, Protocol = s_twill };
        _box.Host.ReplaceRoute(spec);
        Twill.Linux.Route.Route read = Assert.Single(_box.Host.Routes(new RouteFilter(Protocol: s_twill)));
        Assert.Equal(hops, read.NextHops);
        Assert.True(_box.Host.RemoveRoute(read.ToSpec()));
    }

    [Fact]
    public void Route_OnLinkGateway_NeedsTheWord()
    {
        var spec = new RouteSpec { Destination = IpPrefix.Parse("10.246.0.0/16"), Gateway = IpAddress.Parse("169.254.1.1"), Dev = _pair.Index, Protocol = s_twill };
        var e = Assert.Throws<NetlinkException>(() => _box.Host.TryAddRoute(spec));
        Assert.Equal(Errno.ENETUNREACH, e.Errno);
        Assert.Equal("Nexthop has invalid gateway", e.KernelText);
        Assert.Contains("cannot add route 10.246.0.0/16 via 169.254.1.1 dev #", e.Message, StringComparison.Ordinal);
        Assert.Contains("ENETUNREACH (101)", e.Message, StringComparison.Ordinal);
        Assert.Contains("kernel: \"Nexthop has invalid gateway\"", e.Message, StringComparison.Ordinal);
        Assert.Contains("ip route get", e.Advice, StringComparison.Ordinal);
        Assert.True(_box.Host.TryAddRoute(spec with { OnLink = true }));
        Assert.True(Assert.Single(_box.Host.Routes(new RouteFilter(Protocol: s_twill))).OnLink);
    }

    [Fact]
    public void Refusal_OfAnAttribute_NamesItsOffset()
    {
        // Host bits in the destination: the kernel names RTA_DST, right behind header and rtmsg.
        NetlinkBatch batch = _box.Host.Netlink.NewBatch();
        RouteRequests.Add(batch, new RouteSpec { Destination = IpPrefix.Parse("10.246.0.1/16"), Dev = _pair.Index });
        NetlinkOutcome outcome = _box.Host.Netlink.Execute(batch);
        Assert.Equal(Errno.EINVAL, outcome.Errno);
        Assert.Equal("Invalid prefix for given prefix length", outcome.KernelText);

        batch = _box.Host.Netlink.NewBatch();
        LinkRequests.SetMtu(batch, _pair.Index, new Mtu(1400));
        batch.U32(Linux.Uapi.IfLinkUapi.IFLA_OPERSTATE, 1); // one byte by policy
        batch.U8(Linux.Uapi.IfLinkUapi.IFLA_MASTER, 1); // four bytes by policy
        outcome = _box.Host.Netlink.Execute(batch);
        Assert.Equal(Errno.ERANGE, outcome.Errno);
        Assert.Equal(16 + 16 + 8 + 8, outcome.Offset);
    }

    [Fact]
    public void Lookup_Says_WhichWay()
    {
        var spec = new RouteSpec { Destination = IpPrefix.Parse("10.244.0.0/16"), Gateway = IpAddress.Parse("10.0.0.2"), Dev = _pair.Index, Protocol = s_twill, PreferredSource = IpAddress.Parse("10.0.0.1") };
        Assert.True(_box.Host.TryAddRoute(spec));
        var lookup = new RouteLookup { Destination = IpAddress.Parse("10.244.2.7") };
        Assert.True(_box.Host.Lookup(lookup, out Twill.Linux.Route.Route? way).Ok);
        Assert.Equal(("10.244.2.7/32", spec.Gateway, spec.Dev, spec.PreferredSource), (way!.Destination.ToString(), way.Gateway, way.Dev, way.PreferredSource));
        Assert.True(_box.Host.Lookup(lookup with { FibMatch = true, Mark = 5, Uid = 0 }, out Twill.Linux.Route.Route? entry).Ok);
        Assert.Equal((spec.Destination, s_twill), (entry!.Destination, entry.Protocol));
        Assert.Equal(Errno.ENETUNREACH, _box.Host.Lookup(new RouteLookup { Destination = IpAddress.Parse("8.8.8.8") }, out Twill.Linux.Route.Route? none).Errno);
        Assert.Null(none);
        Assert.Equal(NetlinkOutcome.Success, _box.Host.Lookup(new RouteLookup { Destination = IpAddress.Parse("fd00::77"), OutputDev = _pair.Index }, out way));
        Assert.Equal(_pair.Index, way!.Dev);
    }
}
