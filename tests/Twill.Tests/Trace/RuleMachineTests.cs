using Twill.Lab;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Trace;
using Xunit;

namespace Twill.Tests.Trace;

public sealed class RuleMachineTests
{
    private static readonly NftTable s_table = new(NftFamily.Inet, "t");

    private static readonly NftChain s_forward = new(s_table, "forward") { Hook = NftHook.Filter(NftHookPoint.Forward) }, s_early = new(s_table, "early") { Hook = NftHook.Filter(NftHookPoint.Forward, -10) },
        s_inner = new(s_table, "inner"), s_nat = new(s_table, "nat") { Hook = NftHook.Nat(NftHookPoint.Postrouting) }, s_pre = new(s_table, "pre") { Hook = NftHook.Nat(NftHookPoint.Prerouting) };

    private static readonly Packet s_web = new()
    {
        Source = IpAddress.Parse("10.244.1.2"),
        Destination = IpAddress.Parse("10.244.2.2"),
        Kind = TraceProtocol.Tcp,
        SourcePort = 40000,
        DestinationPort = 80,
        Length = 40,
    };

    public static TheoryData<string, bool> Lines => new()
    {
        { "dport", true }, { "other dport", false }, { "saddr prefix", true }, { "other prefix", false }, { "iifname", true }, { "other iifname", false },
        { "iifname prefix", true }, { "ct new", true }, { "ct established", false }, { "set", true }, { "not in set", false }, { "range", true }, { "udp", false }, { "ipv6", false }, { "mark", false },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Run_OneRule_MatchesAsNftWould(string name, bool matches)
    {
        NftStatement match = name switch
        {
            "dport" => Nft.Tcp.Dport.Is(80),
            "other dport" => Nft.Tcp.Dport.Is(443),
            "saddr prefix" => Nft.Ip.Saddr.Is(IpPrefix.Parse("10.244.1.0/25")),
            "other prefix" => Nft.Ip.Saddr.Is(IpPrefix.Parse("10.244.1.128/25")),
            "iifname" => Nft.Meta.Iifname.Is("v-net-0"),
            "other iifname" => Nft.Meta.Iifname.Is("eth0"),
            "iifname prefix" => Nft.Meta.Iifname.Is("v-net*"),
            "ct new" => Nft.Ct.State(NftCtState.New),
            "ct established" => Nft.Ct.State(NftCtState.Established | NftCtState.Related),
            "set" => Nft.Ip.Daddr.In(Web),
            "not in set" => Nft.Ip.Daddr.NotIn(Web),
            "range" => Nft.Tcp.Dport.InRange(79, 81),
            "udp" => Nft.Udp.Dport.Is(80),
            "ipv6" => Nft.Ip6.Daddr.Is(IpAddress.Parse("fd00::1")),
            _ => Nft.Meta.Mark.Is(7),
        };
        RuleResult result = Run(NftHookPoint.Forward, s_web, [s_forward], new NftRule(s_forward, match, Nft.Drop));
        Assert.Empty(result.Unknown);
        Assert.Equal(matches, result.Dropped);
    }

    [Fact]
    public void Run_Answer_IsEstablished()
        => Assert.True(Run(NftHookPoint.Forward, s_web with { IsReply = true }, [s_forward], new NftRule(s_forward, Nft.Ct.State(NftCtState.Established), Nft.Drop)).Dropped);

    [Fact]
    public void Run_JumpAndReturn_GoesOnBehindTheJump()
    {
        RuleResult result = Run(NftHookPoint.Forward, s_web, [s_forward, s_inner], new NftRule(s_inner, Nft.Return), new NftRule(s_inner, Nft.Accept), new NftRule(s_forward, Nft.Jump(s_inner)), new NftRule(s_forward, Nft.Drop));
        Assert.Equal((true, "inet t forward, rule handle 5"), (result.Dropped, result.By));
    }

    [Fact]
    public void Run_AcceptInOneChain_DoesNotSaveFromTheNext()
        => Assert.True(Run(NftHookPoint.Forward, s_web, [s_forward, s_early], new NftRule(s_early, Nft.Accept), new NftRule(s_forward, Nft.Drop)).Dropped);

    [Fact]
    public void Run_PolicyDrop_IsNamedAsPolicy()
    {
        RuleResult result = Run(NftHookPoint.Forward, s_web, [s_forward with { Policy = NftVerdict.Drop }], new NftRule(s_forward, Nft.Udp.Dport.Is(53), Nft.Accept));
        Assert.Equal((true, "inet t forward, policy"), (result.Dropped, result.By));
    }

    [Fact]
    public void Run_Masquerade_TakesTheOutgoingAddressOnceAndNotForAnswers()
    {
        var rule = new NftRule(s_nat, Nft.Masquerade(NftNatFlags.FullyRandom));
        Assert.Equal("192.168.1.11", Run(NftHookPoint.Postrouting, s_web, [s_nat], rule).Packet.Source.ToString());
        Assert.Equal("10.244.1.2", Run(NftHookPoint.Postrouting, s_web with { IsReply = true }, [s_nat], rule).Packet.Source.ToString());
    }

    [Fact]
    public void Run_Dnat_ChangesAddressAndPortBeforeTheFilterSeesThem()
    {
        var filter = new NftChain(s_table, "after") { Hook = NftHook.Filter(NftHookPoint.Prerouting) };
        RuleResult result = Run(NftHookPoint.Prerouting, s_web, [s_pre, filter], new NftRule(s_pre, Nft.Tcp.Dport.Is(80), Nft.Dnat(IpAddress.Parse("10.244.3.3"), new NftPortRange(8080, 8080))), new NftRule(filter, Nft.Tcp.Dport.Is(80), Nft.Drop));
        Assert.False(result.Dropped);
        Assert.Equal(("10.244.3.3", 8080), (result.Packet.Destination.ToString(), result.Packet.DestinationPort));
        Assert.Equal("dnat to 10.244.3.3", result.Translation);
    }

    private static NftSet Web { get; } = new(s_table, "web", NftType.Ipv4Addr) { Interval = true };

    private static RuleResult Run(NftHookPoint point, Packet packet, NftChain[] chains, params NftRule[] rules)
    {
        var space = new NamespaceState
        {
            Name = "node1",
            Kind = LabKind.Node,
            Addresses = [new AddressState("eth0", IpPrefix.Parse("192.168.1.11/24"))],
            Chains = chains,
            Rules = [.. rules.Select((r, i) => new NftRuleInfo(r.Chain, (ulong)i + 2, 0, r.Comment, r.Compile(), default))],
            Sets = [new SetState(Web, [NftElement.Of(IpPrefix.Parse("10.244.2.0/24"))])],
        };
        return new RuleMachine(space, "v-net-0", "eth0", _ => "unicast").Run(point, packet, p => p);
    }
}
