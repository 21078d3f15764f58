using Twill.Linux.Nft;
using Twill.Linux.Route;
using Xunit;
using static Twill.Linux.Nft.Nft;

namespace Twill.KernelTests.Nftables;

/// <summary>Every statement against Debian's nft, both ways: nft prints our rule as we print it, and makes of our words what we make of them.</summary>
[Collection(KernelCollection.Name)]
public sealed class RuleOracleTests : IClassFixture<LeakCheck>
{
    private static readonly NftTable s_table = NftSandbox.Table;

    private static readonly NftSet s_pods = new(s_table, "pods", NftType.Ipv4Addr) { Interval = true };
    private static readonly NftSet s_ends = new(s_table, "ends", NftType.Concat(NftType.Ipv4Addr, NftType.InetProto, NftType.InetService));
    private static readonly NftSet s_wide = new(s_table, "wide", NftType.Concat(NftType.Ipv4Addr, NftType.InetService)) { Interval = true };
    private static readonly NftSet s_decide = new(s_table, "decide", NftType.Ipv4Addr) { Data = NftType.Verdict };
    private static readonly NftSet s_services = new(s_table, "services", NftType.Concat(NftType.Ipv4Addr, NftType.InetProto, NftType.InetService)) { Data = NftType.Concat(NftType.Ipv4Addr, NftType.InetService) };
    private static readonly NftSet s_egress = new(s_table, "egress", NftType.Ipv4Addr) { Data = NftType.Ipv4Addr };
    private static readonly NftSet s_seen = new(s_table, "seen", NftType.Ipv4Addr) { Dynamic = true, TimeoutMs = 60_000, Size = 65535 };
    private static readonly NftChain s_other = new(s_table, "other");

    private static IpAddress Ip4(string text) => IpAddress.Parse(text);

    private static NftElement Key(uint key) => NftElement.Of(NftBytes.U32(key));

    /// <summary>Where "list" differs from our words, what nft prints for them.</summary>
    private static readonly (string Hook, NftStatement[] Rule, string? Listed)[] s_rules =
    [
        ("nat postrouting", [Ip.Saddr.Is(IpPrefix.Parse("10.244.1.0/24")), Ip.Daddr.IsNot(IpPrefix.Parse("10.244.0.0/16")), Masquerade(NftNatFlags.FullyRandom)], null),
        ("nat postrouting", [Ip.Saddr.Is(IpPrefix.Parse("10.244.0.0/20")), Meta.Oifname.IsNot("cni0"), Masquerade()], null),
        ("nat postrouting", [Meta.L4Proto.Is(6), Meta.Oifname.Is("eth*"), Masquerade(NftNatFlags.Random | NftNatFlags.Persistent, new NftPortRange(1000, 2000))], null),
        ("nat postrouting", [Ip6.Saddr.Is(IpPrefix.Parse("fd00::/64")), Ip6.Daddr.IsNot(IpPrefix.Parse("fd00::/49")), Masquerade()], null),
        ("nat postrouting", [Ip6.Saddr.Is(IpAddress.Parse("fd00::1")), Snat(IpAddress.Parse("2001:db8::1"))], null),
        ("nat postrouting", [Tcp.Dport.OneOf(80, 443), Snat(Ip4("192.0.2.1"), new NftPortRange(1000, 2000))], null),
        ("nat postrouting", [Ip.Saddr.Is(Ip4("10.0.0.1")), Snat(Ip4("192.0.2.1"), Ip4("192.0.2.9"), null, NftNatFlags.Persistent)], null),
        ("nat postrouting", [Snat(Ip.Saddr.Map(s_egress))], null),
        ("nat prerouting", [Fib.DaddrType(NftFibType.Local), Tcp.Dport.Is(8080), Dnat(Ip4("10.0.0.1"), new NftPortRange(80))], null),
        ("nat prerouting", [Udp.Dport.Is(53), Dnat(IpAddress.Parse("fd00::5"), new NftPortRange(5353))], null),
        ("nat prerouting", [Tcp.Dport.InRange(1, 1024), Redirect(new NftPortRange(3000))], null),
        ("nat prerouting", [Tcp.Dport.NotInRange(1, 1024), Accept], null),
        ("nat prerouting", [Dnat(Ip.Daddr.Dot(Meta.L4Proto).Dot(Th.Dport).Map(s_services))], "dnat ip to ip daddr . meta l4proto . th dport map @services"),
        ("nat prerouting", [Dnat(NumgenRandom(2).Map(NftType.Ipv4Addr, Key(0).To(NftBytes.Of(Ip4("10.0.0.1"))), Key(1).To(NftBytes.Of(Ip4("10.0.0.2")))))], null),
        ("nat prerouting", [Dnat(NumgenInc(2).Map(NftType.Ipv4Addr, Key(0).To(NftBytes.Of(Ip4("10.0.0.1"))), Key(1).To(NftBytes.Of(Ip4("10.0.0.2")))))], null),
        ("nat prerouting", [Dnat(Jhash(Ip.Saddr, 2, 0x1234).Map(NftType.Ipv4Addr, Key(0).To(NftBytes.Of(Ip4("10.0.0.1"))), Key(1).To(NftBytes.Of(Ip4("10.0.0.2")))))], null),
        ("nat prerouting", [Dnat(Symhash(2).Map(NftType.Ipv4Addr, Key(0).To(NftBytes.Of(Ip4("10.0.0.1"))), Key(1).To(NftBytes.Of(Ip4("10.0.0.2")))))], null),
        ("filter forward", [Ct.State(NftCtState.Established | NftCtState.Related), Accept], null),
        ("filter forward", [Ct.StateNot(NftCtState.Invalid), Return], null),
        ("filter forward", [Ct.Status(NftCtStatus.Dnat), Accept], null),
        ("filter forward", [Ct.Mark.Is(0x10), Return], null),
        ("filter forward", [Ct.Mark.Set(0x10)], null),
        ("filter forward", [Ct.Mark.Set(Meta.Mark)], null),
        ("filter forward", [Ct.Zone.Is(1), Accept], null),
        ("filter forward", [Ct.Direction(false), Ct.OriginalDaddr.Is(Ip4("10.96.0.1")), Meta.L4Proto.Is(6), Ct.OriginalProtoDst.Is(80), Accept], null),
        ("filter forward", [Meta.Mark.Set(0x4000)], null),
        ("filter forward", [Meta.Mark.SetBits(0x4000)], null),
        ("filter forward", [Meta.Mark.ClearBits(0x4000)], null),
        ("filter forward", [Meta.Mark.MaskedIs(0x4000, 0x4000), Accept], null),
        ("filter forward", [Meta.Mark.MaskedIsNot(0x4000, 0), Accept], null),
        ("filter forward", [Meta.Iif.Is(1), Accept], "iif \"lo\" accept"),
        ("filter forward", [Meta.Iifname.OneOf("a", "b"), Accept], null),
        ("filter forward", [Ip.Saddr.In(s_pods), Accept], null),
        ("filter forward", [Ip.Saddr.NotIn(s_pods), Drop], null),
        ("filter forward", [Ip.Saddr.Dot(Meta.L4Proto).Dot(Th.Dport).In(s_ends), Accept], null),
        ("filter forward", [Ip.Saddr.Dot(Tcp.Dport).In(s_wide), Accept], null),
        ("filter forward", [Ip.Daddr.Vmap(s_decide)], null),
        ("filter forward", [Tcp.Dport.Vmap(NftElement.Of(NftBytes.U16Be(80)).To(NftVerdict.Accept), NftElement.Of(NftBytes.U16Be(443)).To(NftVerdict.Jump("other")))], null),
        ("filter forward", [Ip.Saddr.OneOf(NftElement.Of(Ip4("10.0.0.1")), NftElement.Of(IpPrefix.Parse("10.1.0.0/16"))), Accept], null),
        ("filter forward", [Ip.Saddr.NoneOf(NftElement.Of(Ip4("10.0.0.1")), NftElement.Of(Ip4("10.0.0.2"))), Drop], null),
        ("filter forward", [Ip.Saddr.InRange(Ip4("10.0.0.1"), Ip4("10.0.0.9")), Accept], null),
        ("filter forward", [Limit(10), Log("x: ", NftLogLevel.Debug)], null),
        ("filter forward", [LimitOver(10, NftRateUnit.Minute, 20), Drop], null),
        ("filter forward", [LogTo(3, "y")], null),
        ("filter forward", [Log()], null),
        ("filter forward", [Reject], null),
        ("filter forward", [RejectAdminProhibited], null),
        ("filter forward", [RejectNoRoute], null),
        ("filter forward", [Tcp.Dport.Is(23), RejectTcpReset], null),
        ("filter forward", [Meta.Trace], null),
        ("filter forward", [Meta.Pkttype.Is(1), Drop], null),
        ("filter forward", [Meta.L4Proto.OneOf(6, 17), Accept], null),
        ("filter forward", [Tcp.Dport.IsNot(80), Counter, Drop], null),
        ("filter forward", [Tcp.Flags(2, 6), Counter], "tcp flags syn / syn,rst counter"),
        ("filter forward", [IcmpType.Is(8), Accept], null),
        ("filter forward", [Icmpv6Type.OneOf(134, 135), Accept], "icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept"),
        ("filter forward", [Ip.Saddr.UpdateIn(s_seen)], null),
        ("filter forward", [Ip.Saddr.AddTo(s_seen, 30_000)], null),
        ("filter forward", [Ether.Saddr(Mac("02:00:00:00:00:01")), Accept], null),
        ("filter forward", [Meta.Nfproto.Is(2), Accept], null),
        ("filter forward", [Meta.Protocol(false), Accept], null),
        ("filter forward", [Ip.Protocol.Is(1), Accept], null),
        ("filter forward", [Ip6.Nexthdr.Is(6), Accept], null),
        ("filter forward", [Jump(s_other)], null),
        ("filter forward", [Goto(s_other)], null),
        ("filter prerouting", [Fib.ReversePathMissing, Drop], null),
        ("filter prerouting", [Fib.ReversePathExists, Accept], null),
        ("filter prerouting", [Fib.SaddrTypeNot(NftFibType.Local), Accept], null),
        ("filter prerouting", [Notrack], null),
        ("filter prerouting", [Ct.Zone.Set(7)], null),
    ];

    private static MacAddress Mac(string text) => MacAddress.TryParse(text, out MacAddress mac) ? mac : default;

    [Fact]
    public void Rules_OursAndNfts_AreTheSameToTheKernelAndToNft()
    {
        using var box = new NftSandbox();
        Prepare(box);
        var failures = new List<string>();
        foreach ((string hook, NftStatement[] statements, string? listed) in s_rules)
        {
            NftChain chain = ChainOf(hook);
            var rule = new NftRule(chain, statements);

            // Ours, as nft prints it.
            NftOutcome outcome = box.Socket.Commit(box.Socket.NewTransaction().FlushChain(chain).AddRule(rule with { Comment = "by us" }));
            if (!outcome.Ok)
            {
                failures.Add(outcome.ToString());
                continue;
            }

            string[] lines = box.Nft("-s", "list", "chain", "inet", "twill", chain.Name).Split('\n');
            string printed = lines.Single(l => l.Contains("comment \"by us\"", StringComparison.Ordinal)).Trim();
            string wanted = $"{listed ?? rule.ToString()} comment \"by us\"";
            if (printed != wanted) failures.Add($"nft prints  {printed}\n   we print  {wanted}");

            // What nft makes of our words.
            NftRuleInfo ours = Assert.Single(box.Socket.Rules(chain));
            if (!(rule with { Comment = "by us" }).Matches(ours)) failures.Add($"{rule}: our rule read back differs\n{string.Join('\n', rule.Compile())}\n --\n{string.Join('\n', ours.Expressions)}");
            box.Commit(t => t.FlushChain(chain));
            var made = box.TryNft("", "add", "rule", "inet", "twill", chain.Name, rule.ToString());
            if (made.ExitCode != 0)
            {
                failures.Add($"nft refuses {rule}: {made.ErrorText}");
                continue;
            }

            NftRuleInfo theirs = Assert.Single(box.Socket.Rules(chain));
            if (!rule.Matches(theirs)) failures.Add($"{rule}:\nwe make\n{string.Join('\n', rule.Compile())}\nnft makes\n{string.Join('\n', theirs.Expressions)}");
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private static NftChain ChainOf(string hook) => new(s_table, hook.Replace(' ', '_'));

    private static void Prepare(NftSandbox box) => box.Commit(t =>
    {
        t.AddTable(s_table).AddChain(s_other);
        t.AddChain(ChainOf("nat postrouting") with { Hook = NftHook.Nat(NftHookPoint.Postrouting) });
        t.AddChain(ChainOf("nat prerouting") with { Hook = NftHook.Nat(NftHookPoint.Prerouting) });
        t.AddChain(ChainOf("filter forward") with { Hook = NftHook.Filter(NftHookPoint.Forward) });
        t.AddChain(ChainOf("filter prerouting") with { Hook = NftHook.Filter(NftHookPoint.Prerouting, NftPriority.Raw) });
        t.AddSet(s_pods).AddSet(s_ends).AddSet(s_wide).AddSet(s_decide).AddSet(s_services).AddSet(s_egress).AddSet(s_seen);
    });
}
