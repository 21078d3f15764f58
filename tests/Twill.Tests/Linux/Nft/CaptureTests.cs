using Twill.Linux.Netlink;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;
using Twill.Linux.Uapi;
using Xunit;
using static Twill.Linux.Nft.Nft;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Tests.Nftables;

/// <summary>The bytes of Debian's nft against ours, and the kernel's dumps of what nft made.</summary>
public sealed class CaptureTests
{
    private static readonly NftTable s_cap = new(NftFamily.Inet, "cap");
    private static readonly NftChain s_post = new(s_cap, "post");
    private static readonly NftChain s_ward = new(s_cap, "ward");
    private static readonly NftSet s_interval = new(s_cap, "s1", NftType.Ipv4Addr) { Interval = true, Comment = "who" };
    private static readonly NftSet s_ranges = new(s_cap, "s3", NftType.Concat(NftType.Ipv4Addr, NftType.InetService)) { Interval = true };
    private static readonly NftSet s_timeout = new(s_cap, "s2", End) { TimeoutMs = 60_000, Timeout = true, Counter = true };
    private static readonly NftSet s_map = new(s_cap, "m1", End) { Data = NftType.Concat(NftType.Ipv4Addr, NftType.InetService) };
    private static readonly NftSet s_verdicts = new(s_cap, "v1", NftType.Ipv4Addr) { Data = NftType.Verdict };

    private static NftType End => NftType.Concat(NftType.Ipv4Addr, NftType.InetProto, NftType.InetService);

    private static NftBytes Ip4(string text) => NftBytes.Of(IpAddress.Parse(text));

    private static NftElement Number(uint key) => NftElement.Of(NftBytes.U32(key));

    /// <summary>What each capture's rule is in our words.</summary>
    private static readonly Dictionary<string, NftRule> s_rules = new()
    {
        ["rule-masquerade"] = new NftRule(s_post, Ip.Saddr.Is(IpPrefix.Parse("10.244.1.0/24")), Ip.Daddr.IsNot(IpPrefix.Parse("10.244.0.0/16")), Counter, Masquerade(NftNatFlags.FullyRandom)) { Comment = "hi there" },
        ["rule-snat-anonymous-set"] = new NftRule(s_post, Tcp.Dport.OneOf(80, 443), Snat(IpAddress.Parse("192.0.2.1"), new NftPortRange(1000, 2000))),
        ["rule-ct-state"] = new NftRule(s_ward, Ct.State(NftCtState.Established | NftCtState.Related), Accept),
        ["rule-vmap"] = new NftRule(s_ward, Ip.Saddr.Vmap(NftElement.Of(Ip4("1.2.3.4")).To(NftVerdict.Accept), NftElement.Of(Ip4("1.2.3.5")).To(NftVerdict.Jump("other")))),
        ["rule-mark"] = new NftRule(s_ward, Meta.Mark.SetBits(0x4000)),
        ["rule-limit-log-drop"] = new NftRule(s_ward, Limit(10), Log("x: ", NftLogLevel.Debug), Drop),
        ["rule-dnat-numgen"] = new NftRule(new NftChain(s_cap, "pre"), Dnat(NumgenRandom(2).Map(NftType.Ipv4Addr, Number(0).To(Ip4("10.0.0.1")), Number(1).To(Ip4("10.0.0.2"))))),
        ["rule-fib-local"] = new NftRule(s_ward, Fib.DaddrType(NftFibType.Local), Reject),
        ["rule-ipv6"] = new NftRule(s_ward, Ip6.Daddr.IsNot(IpPrefix.Parse("fd00::/49")), Meta.Oifname.Is("eth*"), Th.Dport.Is(53), Drop),
    };

    private static readonly Dictionary<string, (NftSet Set, NftElement[] Elements)> s_sets = new()
    {
        ["set-interval"] = (s_interval, [NftElement.Of(IpPrefix.Parse("10.0.0.0/8")), NftElement.Range(Ip4("192.168.1.1"), Ip4("192.168.1.7"))]),
        ["set-concat-interval"] = (s_ranges, [NftElement.Range(NftBytes.Concat(Ip4("10.0.0.0"), NftBytes.U16Be(80)), NftBytes.Concat(Ip4("10.0.0.255"), NftBytes.U16Be(90)))]),
        ["set-timeout"] = (s_timeout, [NftElement.Of(Ip4("10.0.0.1"), NftBytes.U8(6), NftBytes.U16Be(80)) with { TimeoutMs = 30_000, Comment = "hello" }]),
        ["map-concat"] = (s_map, [NftElement.Of(Ip4("10.96.0.1"), NftBytes.U8(6), NftBytes.U16Be(443)).To(NftBytes.Concat(Ip4("192.168.0.5"), NftBytes.U16Be(6443)))]),
        ["map-verdict"] = (s_verdicts, [NftElement.Of(Ip4("1.2.3.4")).To(NftVerdict.Jump("other")), NftElement.Else().To(NftVerdict.Drop)]),
    };

    public static TheoryData<string> Captures() => [.. CaptureFile.Names()];

    public static TheoryData<string> RuleCaptures() => [.. s_rules.Keys];

    public static TheoryData<string> SetCaptures() => [.. s_sets.Keys];

    [Theory]
    [MemberData(nameof(Captures))]
    public void Transaction_SameIntention_SameBytesAsNft(string name)
    {
        CaptureFile capture = CaptureFile.Load(name);
        var transaction = new NftTransaction();
        if (s_rules.TryGetValue(name, out NftRule? rule)) transaction.AddRule(rule);
        else if (s_sets.TryGetValue(name, out var set)) transaction.EnsureSet(set.Set).EnsureElements(set.Set, set.Elements);
        else if (name == "table") transaction.EnsureTable(new NftTable(NftFamily.Inet, "twill") { Comment = "made by twill" });
        else if (name == "chain-nat") transaction.EnsureChain(s_post with { Hook = NftHook.Nat(NftHookPoint.Postrouting), Policy = NftVerdict.Accept });
        else if (name == "chain-regular") transaction.EnsureChain(new NftChain(s_cap, "c2") { Comment = "cc" });
        else if (name == "delete") transaction.FlushChain(s_post).FlushSet(s_map).DeleteChain(s_post).DeleteSet(s_map).DeleteTable(s_cap);
        else Assert.Fail($"capture {name} has no counterpart here");
        Assert.Equal(MessageText.Of(capture.Sent), MessageText.Of(transaction.Finish().Bytes));
    }

    [Theory]
    [MemberData(nameof(RuleCaptures))]
    public void Rule_DumpedByTheKernel_IsTheOneNftMade(string name)
    {
        NftRuleInfo kernel = Assert.Single(Dumped(name, NFT_MSG_NEWRULE, NftReader.Rule));
        Assert.True(s_rules[name].Matches(kernel), kernel.ToString());
        Assert.NotEqual(0ul, kernel.Handle);
        Assert.DoesNotContain(kernel.Expressions, e => e is NftUnknown);
        Assert.Equal($"add rule {kernel.Chain} {s_rules[name]}", CaptureFile.Load(name).Commands[0]);
    }

    [Theory]
    [MemberData(nameof(SetCaptures))]
    public void Set_DumpedByTheKernel_IsTheOneNftMade(string name)
    {
        (NftSet set, NftElement[] elements) = s_sets[name];
        NftSet kernel = Assert.Single(Dumped(name, NFT_MSG_NEWSET, NftReader.Set).DistinctBy(s => s.Handle));
        Assert.Equal(set, kernel with { Handle = 0 });
        var raw = new List<NftReader.RawElement>();
        Dumped(name, NFT_MSG_NEWSETELEM, (in NetlinkMessage message) =>
        {
            NftReader.Elements(message, raw, out string table, out string owner);
            Assert.Equal((set.Table.Name, set.Name), (table, owner));
            return 0;
        });
        Assert.Equal(elements.Select(e => e.ToText(set)).Order(), NftReader.JoinRanges(raw, set.Interval && !set.RangesInElement).Select(e => e.ToText(set)).Order());
    }

    [Fact]
    public void Chain_DumpedByTheKernel_HasHookAndPolicy()
    {
        NftChain chain = Assert.Single(Dumped("chain-nat", NFT_MSG_NEWCHAIN, NftReader.Chain));
        Assert.Equal(s_post with { Hook = NftHook.Nat(NftHookPoint.Postrouting), Policy = NftVerdict.Accept }, chain with { Handle = 0, Use = 0 });
        Assert.Equal("made by twill", Assert.Single(Dumped("table", NFT_MSG_NEWTABLE, NftReader.Table)).Comment);
    }

    private delegate T Parse<T>(in NetlinkMessage message);

    private static List<T> Dumped<T>(string name, byte type, Parse<T> parse)
    {
        var found = new List<T>();
        ReadOnlySpan<byte> rest = CaptureFile.Load(name).Dumped;
        while (NetlinkMessage.TryRead(ref rest, out NetlinkMessage message))
        {
            if (message.Type == ((NfnetlinkUapi.NFNL_SUBSYS_NFTABLES << 8) | type)) found.Add(parse(message));
        }

        return found;
    }
}
