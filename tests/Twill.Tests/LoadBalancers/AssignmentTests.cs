using FsCheck;
using FsCheck.Fluent;
using Twill.Fabric.LoadBalancers;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.LoadBalancers;

public sealed class AssignmentTests
{
    private static readonly IpPrefix[] s_pools = [IpPrefix.Parse("192.0.2.8/30"), IpPrefix.Parse("192.0.2.16/31"), IpPrefix.Parse("2001:db8::8/125")];

    private static IpAddress At(string address) => IpAddress.Parse(address);

    private static LoadBalancerClaim Claim(string service, string[]? requested = null, string[]? current = null, bool v6 = false)
        => new(service, true, v6, [.. (requested ?? []).Select(At)], [.. (current ?? []).Select(At)]);

    private static string[] Lines(params LoadBalancerClaim[] claims) => [.. LoadBalancerAssignment.Of(s_pools, claims).Select(g => $"{g.Service}: {string.Join(' ', g.Addresses)}{(g.Refusal is null ? "" : $" ({g.Refusal})")}")];

    [Fact]
    public void Services_InOrderOfNames_GetTheFirstFree()
        => Assert.Equal(["a: 192.0.2.8 2001:db8::8", "b: 192.0.2.9", "c: 192.0.2.10"], Lines(Claim("c"), Claim("a", v6: true), Claim("b")));

    [Fact]
    public void Service_ThatHasOne_KeepsIt_WhoeverComes()
        => Assert.Equal(["a: 192.0.2.8", "z: 192.0.2.9"], Lines(Claim("z", current: ["192.0.2.9"]), Claim("a")));

    [Fact]
    public void Request_IsGiven_EvenIfSomebodyHasItByChance()
        => Assert.Equal(["a: 192.0.2.8", "z: 192.0.2.9"], Lines(Claim("z", requested: ["192.0.2.9"]), Claim("a", current: ["192.0.2.9"])));

    [Theory]
    [InlineData("198.51.100.1", "198.51.100.1 is in no pool (192.0.2.8/30, 192.0.2.16/31)")]
    [InlineData("192.0.2.8", "192.0.2.8 belongs to service a")]
    public void Request_ThatCannotBe_IsRefusedWithTheReason_AndNothingElseIsGiven(string address, string why)
        => Assert.Equal($"z:  ({why})", Lines(Claim("a", requested: ["192.0.2.8"], current: ["192.0.2.8"]), Claim("z", requested: [address]))[1]);

    [Fact]
    public void Pool_Empty_SaysWhich()
    {
        string[] lines = Lines([.. Enumerable.Range(0, 7).Select(i => Claim($"s{i}"))]);
        Assert.Equal("s5: 192.0.2.17", lines[5]);
        Assert.Equal("s6:  (no free IPv4 address in 192.0.2.8/30, 192.0.2.16/31: enlarge the pool, or add one)", lines[6]);
    }

    [Fact]
    public void Pool_AsLargeAsALink_KeepsTheNetworksOwnAddresses()
    {
        LoadBalancerGrant grant = Assert.Single(LoadBalancerAssignment.Of([IpPrefix.Parse("192.0.2.0/24")], [Claim("a")]));
        Assert.Equal(At("192.0.2.1"), Assert.Single(grant.Addresses));
        Assert.NotNull(Assert.Single(LoadBalancerAssignment.Of([IpPrefix.Parse("192.0.2.0/24")], [Claim("a", requested: ["192.0.2.255"])])).Refusal);
    }

    /// <summary>Services of which some ask, and some have something, also what is no pool's or two have.</summary>
    private static readonly Gen<LoadBalancerClaim[]> s_claims =
        from count in Gen.Choose(0, 12)
        from claims in (
            from v6 in Gen.Elements(true, false)
            from v4 in Gen.Elements(true, false)
            from requested in Gen.Frequency((3, Gen.Constant(-1)), (1, Gen.Choose(0, 12)))
            from current in Gen.Frequency((2, Gen.Constant(-1)), (1, Gen.Choose(0, 12)))
            select (v4, v6, requested, current)).ArrayOf(count)
        select claims.Select((c, i) => new LoadBalancerClaim($"s{i:00}", c.v4, c.v6, Near(c.requested), Near(c.current))).ToArray();

    private static IpAddress[] Near(int offset) => offset < 0 ? [] : [new IpAddress((UInt128)(uint)(0xc0000206 + offset), false)];

    [Fact]
    public void Assignment_OfAnyServices_GivesNoAddressTwice_AndSaysWhyNot() => Prop.ForAll(s_claims.ToArbitrary(), claims =>
    {
        IReadOnlyList<LoadBalancerGrant> grants = LoadBalancerAssignment.Of(s_pools, claims);
        List<IpAddress> all = [.. grants.SelectMany(g => g.Addresses)];
        return all.Distinct().Count() == all.Count
            && all.TrueForAll(a => s_pools.Any(p => p.Contains(a)))
            && claims.Zip(grants).All(p => p.First.Requested.All(r => p.Second.Addresses.Contains(r) || p.Second.Refusal is not null))
            && claims.Zip(grants).All(p => p.Second.Refusal is not null || ((!p.First.V4 || p.Second.Addresses.Any(a => !a.IsV6)) && (!p.First.V6 || p.Second.Addresses.Any(a => a.IsV6))));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Assignment_Again_ChangesNothing_AndANewServiceMovesNobody() => Prop.ForAll(s_claims.ToArbitrary(), claims =>
    {
        Dictionary<string, IReadOnlyList<IpAddress>> first = LoadBalancerAssignment.Of(s_pools, claims).ToDictionary(g => g.Service, g => g.Addresses);
        LoadBalancerClaim[] now = [.. claims.Select(c => c with { Current = first[c.Service] })];
        bool again = LoadBalancerAssignment.Of(s_pools, now).All(g => g.Addresses.Order().SequenceEqual(first[g.Service].Order()));
        bool joined = LoadBalancerAssignment.Of(s_pools, [.. now, Claim("a new one", v6: true)]).Where(g => first.ContainsKey(g.Service)).All(g => g.Addresses.Order().SequenceEqual(first[g.Service].Order()));
        return again && joined;
    }).QuickCheckThrowOnFailure();
}
