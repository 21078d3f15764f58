using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Twill.Linux.Tc;
using Xunit;

namespace Twill.KernelTests.Route;

[Collection(KernelCollection.Name)]
public sealed class QdiscTests : IClassFixture<LeakCheck>, IDisposable
{
    private readonly Sandbox _box = new();
    private readonly VethPair _pair;

    public QdiscTests() => _pair = _box.Wire();

    public void Dispose() => _box.Dispose();

    [Theory]
    [InlineData(125_000UL, 32_768u)] // 1 Mbit/s
    [InlineData(125_000_000UL, 200_000u)]
    [InlineData(4_294_967_295UL, 5_000_000u)]
    [InlineData(4_294_967_296UL, 5_000_000u)] // one more than 32 bits say
    [InlineData(12_500_000_000UL, 20_000_000u)] // 100 Gbit/s
    public void Tbf_AnyRate_ReadsBack(ulong rate, uint burst)
    {
        var spec = new TbfSpec { Dev = _pair.Index, RateBytesPerSecond = rate, BurstBytes = burst, LatencyUs = 25_000, Handle = TcHandle.Of(1) };
        Assert.True(_box.Host.TryAddTbf(spec));
        Assert.False(_box.Host.TryAddTbf(spec));
        Qdisc read = Assert.Single(_box.Host.Qdiscs(_pair.Index));
        Assert.Equal(("tbf", TcHandle.Root, TcHandle.Of(1)), (read.Kind, read.Parent, read.Handle));
        Assert.Equal(rate, read.Tbf!.Value.RateBytesPerSecond);
        Assert.InRange(read.Tbf.Value.BurstBytes, burst - (rate * 64 / 1_000_000_000) - 1, burst + (rate * 64 / 1_000_000_000) + 1);
        Assert.Equal(spec.EffectiveLimit, read.Tbf.Value.LimitBytes);
        _box.Host.ReplaceTbf(spec with { RateBytesPerSecond = rate * 2, BurstBytes = burst * 2 });
        Assert.Equal(rate * 2, Assert.Single(_box.Host.Qdiscs(_pair.Index)).Tbf!.Value.RateBytesPerSecond);
        Assert.True(_box.Host.RemoveQdisc(_pair.Index, TcHandle.Root));
        Assert.False(_box.Host.RemoveQdisc(_pair.Index, TcHandle.Root));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Redirect_ToIfb_IsMadeReadAndRemoved(bool clsact)
    {
        Assert.True(_box.Host.TryCreateIfb("ifb7"));
        Assert.False(_box.Host.TryCreateIfb("ifb7"));
        IfIndex ifb = _box.Host.GetLink("ifb7").Index;
        var e = Assert.Throws<NetlinkException>(() => _box.Host.AddRedirect(_pair.Index, TcHandle.IngressFilters, ifb));
        Assert.Equal(Errno.EINVAL, e.Errno);

        Assert.True(clsact ? _box.Host.TryAddClsact(_pair.Index) : _box.Host.TryAddIngress(_pair.Index));
        Assert.False(clsact ? _box.Host.TryAddClsact(_pair.Index) : _box.Host.TryAddIngress(_pair.Index));
        _box.Host.AddRedirect(_pair.Index, TcHandle.IngressFilters, ifb);
        Filter filter = Assert.Single(_box.Host.Filters(_pair.Index, TcHandle.IngressFilters), f => f.RedirectTo is not null);
        Assert.Equal(("u32", ifb, FilterRequests.DefaultPriority), (filter.Kind, filter.RedirectTo!.Value, filter.Priority));
        Assert.True(_box.Host.RemoveFilters(_pair.Index, TcHandle.IngressFilters, FilterRequests.DefaultPriority));
        Assert.False(_box.Host.RemoveFilters(_pair.Index, TcHandle.IngressFilters, FilterRequests.DefaultPriority));
        Assert.True(_box.Host.RemoveQdisc(_pair.Index, TcHandle.Ingress));
        Assert.False(_box.Host.RemoveQdisc(_pair.Index, TcHandle.Ingress));
    }
}
