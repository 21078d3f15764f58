using FsCheck;
using FsCheck.Fluent;
using Twill.Fabric;
using Twill.Fabric.Ipam;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Fabric;

public sealed class AddressPoolTests
{
    private static AddressRange Range(string subnet, string? first = null, string? last = null, string? gateway = null, params string[] excluded)
        => AddressRange.Create(IpPrefix.Parse(subnet), Ip(first), Ip(last), Ip(gateway), [.. excluded.Select(IpPrefix.Parse)]);

    private static IpAddress? Ip(string? text) => text is null ? null : IpAddress.Parse(text);

    /// <summary>Every address of the set, once round.</summary>
    private static List<string> All(RangeSet set)
    {
        var all = new List<string>();
        IpAddress? last = null;
        while (set.After(last) is { } next && !all.Contains(next.Address.ToString()))
        {
            all.Add(next.Address.ToString());
            last = next.Address;
        }

        return all;
    }

    [Theory]
    [InlineData("10.1.0.0/30", 1)] // network, gateway, one pod, broadcast
    [InlineData("10.1.0.0/29", 5)]
    [InlineData("10.1.0.0/24", 253)]
    [InlineData("10.1.0.0/16", 65533)]
    [InlineData("fd00::/126", 2)]
    [InlineData("fd00::/120", 254)]
    public void Range_WholeSubnet_GivesAllButNetworkBroadcastGateway(string subnet, int expected) => Assert.Equal((UInt128)expected, Range(subnet).CountUsable());

    [Fact]
    public void After_OnceRound_GivesEveryUsableAddressOnceInOrder()
    {
        RangeSet set = RangeSet.Create([Range("10.1.0.0/29", gateway: "10.1.0.3", excluded: ["10.1.0.4/31"]), Range("10.2.0.0/24", first: "10.2.0.250")]);
        Assert.Equal(["10.1.0.1", "10.1.0.2", "10.1.0.6", "10.2.0.250", "10.2.0.251", "10.2.0.252", "10.2.0.253", "10.2.0.254"], All(set));
        Assert.Equal((UInt128)8, set.CountUsable());
    }

    [Fact]
    public void After_LastOfAll_StartsAgain() => Assert.Equal(IpAddress.Parse("10.1.0.2"), RangeSet.Create([Range("10.1.0.0/29")]).After(IpAddress.Parse("10.1.0.6"))!.Value.Address);

    [Fact]
    public void After_ForeignHint_StartsAtTheBeginning() => Assert.Equal(IpAddress.Parse("10.1.0.2"), RangeSet.Create([Range("10.1.0.0/29")]).After(IpAddress.Parse("172.16.0.9"))!.Value.Address);

    [Fact]
    public void After_EverythingExcluded_SaysNone() => Assert.Null(RangeSet.Create([Range("10.1.0.0/29", excluded: ["10.1.0.0/30", "10.1.0.4/30"])]).After(null));

    [Fact]
    public void After_HugeExclusion_JumpsOverIt()
        => Assert.Equal(IpAddress.Parse("fd00:0:0:0:8000::"), RangeSet.Create([Range("fd00::/64", excluded: ["fd00::/65"])]).After(null)!.Value.Address);

    [Theory]
    [InlineData("10.1.0.1/24", null, null, null, "host bits")]
    [InlineData("10.1.0.0/31", null, null, null, "too small")]
    [InlineData("10.1.0.0/24", "10.2.0.1", null, null, "rangeStart")]
    [InlineData("10.1.0.0/24", null, "10.1.1.1", null, "rangeEnd")]
    [InlineData("10.1.0.0/24", "10.1.0.9", "10.1.0.8", null, "empty")]
    [InlineData("10.1.0.0/24", null, null, "fd00::1", "family")]
    public void Range_Contradiction_IsRefusedByName(string subnet, string? first, string? last, string? gateway, string word)
        => Assert.Contains(word, Assert.Throws<FabricException>(() => Range(subnet, first, last, gateway)).Message, StringComparison.Ordinal);

    [Fact]
    public void Set_OfBothFamilies_IsRefused() => Assert.Throws<FabricException>(() => RangeSet.Create([Range("10.1.0.0/24"), Range("fd00::/64")]));

    [Fact]
    public void Set_OfOverlappingRanges_IsRefused() => Assert.Throws<FabricException>(() => RangeSet.Create([Range("10.1.0.0/24"), Range("10.1.0.0/25")]));

    [Fact]
    public void Pool_OfOverlappingSets_IsRefused()
        => Assert.Throws<FabricException>(() => AddressPool.Create([RangeSet.Create([Range("10.1.0.0/24")]), RangeSet.Create([Range("10.1.0.0/16")])]));

    [Fact]
    public void Assign_OneOfEachFamily_GoesToItsSet()
    {
        AddressPool pool = AddressPool.Create([RangeSet.Create([Range("10.1.0.0/24")]), RangeSet.Create([Range("fd00::/64")])]);
        Assert.Equal([IpAddress.Parse("10.1.0.9"), IpAddress.Parse("fd00::9")], pool.Assign([IpAddress.Parse("fd00::9"), IpAddress.Parse("10.1.0.9")]).Select(a => a!.Value));
    }

    [Theory]
    [InlineData("10.9.0.1", "in none of")]
    [InlineData("10.1.0.1", "gateway")]
    [InlineData("10.1.0.0", "network")]
    [InlineData("10.1.0.255", "broadcast")]
    public void Assign_Impossible_IsRefusedNotIgnored(string wish, string word)
    {
        AddressPool pool = AddressPool.Create([RangeSet.Create([Range("10.1.0.0/24")])]);
        Assert.Contains(word, Assert.Throws<FabricException>(() => pool.Assign([IpAddress.Parse(wish)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Assign_TwoForOneSet_IsRefused()
        => Assert.Throws<FabricException>(() => AddressPool.Create([RangeSet.Create([Range("10.1.0.0/24")])]).Assign([IpAddress.Parse("10.1.0.8"), IpAddress.Parse("10.1.0.9")]));

    [Fact]
    public void After_RandomRangesAndExclusions_AgreesWithCountingByHand()
    {
        Gen<(int Prefix, int Gateway, int[] Blocks)> cases = from prefix in Gen.Choose(24, 30)
                                                             from gateway in Gen.Choose(0, 255)
                                                             from blocks in Gen.Choose(0, 255).ArrayOf(3)
                                                             select (prefix, gateway, blocks);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            IpPrefix subnet = new(IpAddress.Parse("10.0.0.0"), c.Prefix);
            IpAddress gateway = IpAddress.V4(0x0a000000u + (uint)c.Gateway);
            IpPrefix[] excluded = [.. c.Blocks.Select(b => new IpPrefix(IpAddress.V4(0x0a000000u + (uint)b), 28 + (b % 5)))];
            if (excluded.Any(e => e.Length < subnet.Length && e.Contains(subnet.First))) return true;
            AddressRange range = AddressRange.Create(subnet, null, null, gateway, excluded);
            var byHand = new List<string>();
            for (uint v = 1; v < (1u << (32 - c.Prefix)) - 1; v++)
            {
                IpAddress a = IpAddress.V4(0x0a000000u + v);
                if (a != gateway && !excluded.Any(e => e.Contains(a))) byHand.Add(a.ToString());
            }

            return All(RangeSet.Create([range])).SequenceEqual(byHand) && range.CountUsable() == (UInt128)byHand.Count;
        }).QuickCheckThrowOnFailure();
    }
}
