using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Route;

[Collection(KernelCollection.Name)]
public sealed class RuleTests : IClassFixture<LeakCheck>, IDisposable
{
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    public static TheoryData<string, RuleSpec> Specs => new()
    {
        { "mark", new RuleSpec { Priority = 1000, Mark = 0x10, MarkMask = 0xf0, Table = new RouteTable(100), Action = RuleAction.Lookup, Protocol = new RouteProtocol(77) } },
        { "from, to", new RuleSpec { Priority = 1001, From = IpPrefix.Parse("10.244.0.0/16"), To = IpPrefix.Parse("10.0.0.0/8"), Table = new RouteTable(1000), Action = RuleAction.Lookup } },
        { "IPv6, iif", new RuleSpec { IsV6 = true, Priority = 1002, From = IpPrefix.Parse("fd00::/64"), InputDev = "lo", Table = RouteTable.Main, Action = RuleAction.Lookup } },
        { "not, oif", new RuleSpec { Priority = 1003, Mark = 7, OutputDev = "eth0", Invert = true, Table = RouteTable.Main, Action = RuleAction.Lookup, SuppressPrefixLength = 0 } },
        { "blackhole", new RuleSpec { Priority = 1004, To = IpPrefix.Parse("10.9.0.0/16"), Action = RuleAction.Blackhole } },
    };

    [Theory]
    [MemberData(nameof(Specs), DisableDiscoveryEnumeration = true)]
    public void Rule_AddedTwiceRemovedTwice_SaysSo(string what, RuleSpec spec)
    {
        Assert.NotEmpty(what);
        Assert.True(_box.Host.TryAddRule(spec));
        Assert.False(_box.Host.TryAddRule(spec));
        RuleSpec read = Assert.Single(_box.Host.Rules(), r => r.Priority == spec.Priority);
        Assert.Equal(spec with { Protocol = read.Protocol }, read);
        Assert.True(_box.Host.RemoveRule(read));
        Assert.False(_box.Host.RemoveRule(spec));
        Assert.DoesNotContain(_box.Host.Rules(), r => r.Priority == spec.Priority);
    }

    [Fact]
    public void Rule_RemovedByPriorityAlone()
    {
        Assert.True(_box.Host.TryAddRule(new RuleSpec { Priority = 500, Mark = 1, Table = new RouteTable(300) }));
        Assert.True(_box.Host.RemoveRule(new RuleSpec { Priority = 500 }));
        Assert.False(_box.Host.RemoveRule(new RuleSpec { Priority = 500 }));
    }

    [Fact]
    public void Rule_GotoWithoutTarget_IsRefusedWithTheKernelsWords()
    {
        var e = Assert.Throws<NetlinkException>(() => _box.Host.TryAddRule(new RuleSpec { From = IpPrefix.Parse("10.0.0.0/24"), Action = RuleAction.Goto }));
        Assert.Equal(Errno.EINVAL, e.Errno);
        Assert.Contains("cannot add rule from 10.0.0.0/24", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.KernelText);
    }

    [Fact]
    public void Rule_WithoutTable_GetsAFreshOne()
    {
        // Unless told otherwise the kernel takes the first table number that is unused (fib_empty_table); IPv6 refuses.
        Assert.True(_box.Host.TryAddRule(new RuleSpec { Priority = 700, From = IpPrefix.Parse("10.0.0.0/24") }));
        Assert.NotNull(Assert.Single(_box.Host.Rules(), r => r.Priority == 700).Table);
    }
}
