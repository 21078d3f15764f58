using System.Buffers.Binary;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;
using static Twill.Linux.Nft.Nft;

namespace Twill.KernelTests.Nftables;

[Collection(KernelCollection.Name)]
public sealed class SetTests : IClassFixture<LeakCheck>
{
    private static readonly NftTable s_table = NftSandbox.Table;
    private static readonly NftType s_end = NftType.Concat(NftType.Ipv4Addr, NftType.InetProto, NftType.InetService);

    private static NftBytes Ip4(string text) => NftBytes.Of(IpAddress.Parse(text));

    private static NftElement End(string address, byte protocol, ushort port) => NftElement.Of(Ip4(address), NftBytes.U8(protocol), NftBytes.U16Be(port));

    public static TheoryData<string> Kinds() => [.. s_kinds.Keys];

    private static readonly Dictionary<string, (NftSet Set, NftElement[] Elements)> s_kinds = new()
    {
        ["plain"] = (new NftSet(s_table, "s", NftType.Ipv4Addr) { Comment = "who" }, [NftElement.Of(IpAddress.Parse("10.0.0.1")), NftElement.Of(IpAddress.Parse("10.0.0.2"))]),
        ["six"] = (new NftSet(s_table, "s", NftType.Ipv6Addr), [NftElement.Of(IpAddress.Parse("fd00::1"))]),
        ["mark"] = (new NftSet(s_table, "s", NftType.Mark), [NftElement.Of(NftBytes.U32(0x4000))]),
        ["ifname"] = (new NftSet(s_table, "s", NftType.IfName), [NftElement.Of(NftBytes.InterfaceName("eth0"))]),
        ["ether"] = (new NftSet(s_table, "s", NftType.EtherAddr), [NftElement.Of(NftBytes.Of(new MacAddress(0x020000000001)))]),
        ["interval"] = (
            new NftSet(s_table, "s", NftType.Ipv4Addr) { Interval = true },
            [NftElement.Of(IpPrefix.Parse("10.0.0.0/8")), NftElement.Of(IpPrefix.Parse("11.0.0.0/8")), NftElement.Range(Ip4("192.168.1.1"), Ip4("192.168.1.7")), NftElement.Of(IpAddress.Parse("192.168.1.8")) with { Comment = "one" }, NftElement.Of(IpPrefix.Parse("255.255.255.0/24"))]),
        ["interval from zero"] = (new NftSet(s_table, "s", NftType.Ipv4Addr) { Interval = true }, [NftElement.Of(IpPrefix.Parse("0.0.0.0/1")), NftElement.Of(IpPrefix.Parse("128.0.0.0/1"))]),
        ["interval six"] = (new NftSet(s_table, "s", NftType.Ipv6Addr) { Interval = true }, [NftElement.Of(IpPrefix.Parse("fd00::/64"))]),
        ["interval map"] = (
            new NftSet(s_table, "s", NftType.Ipv4Addr) { Interval = true, Data = NftType.Mark },
            [NftElement.Of(IpPrefix.Parse("10.0.0.0/8")).To(NftBytes.U32(1)), NftElement.Of(IpPrefix.Parse("11.0.0.0/8")).To(NftBytes.U32(2))]),
        ["concat"] = (new NftSet(s_table, "s", s_end), [End("10.0.0.1", 6, 80), End("10.0.0.1", 17, 53)]),
        ["interval concat"] = (
            new NftSet(s_table, "s", NftType.Concat(NftType.Ipv4Addr, NftType.InetService)) { Interval = true },
            [NftElement.Range(NftBytes.Concat(Ip4("10.0.0.0"), NftBytes.U16Be(80)), NftBytes.Concat(Ip4("10.0.0.255"), NftBytes.U16Be(90))), NftElement.Of(Ip4("10.0.1.1"), NftBytes.U16Be(443))]),
        ["concat map"] = (
            new NftSet(s_table, "s", s_end) { Data = NftType.Concat(NftType.Ipv4Addr, NftType.InetService), Comment = "services" },
            [End("10.96.0.1", 6, 443).To(NftBytes.Concat(Ip4("192.168.0.5"), NftBytes.U16Be(6443)))]),
        ["verdict map"] = (
            new NftSet(s_table, "s", NftType.Ipv4Addr) { Data = NftType.Verdict },
            [NftElement.Of(IpAddress.Parse("10.0.0.1")).To(NftVerdict.Jump("other")), NftElement.Of(IpAddress.Parse("10.0.0.2")).To(NftVerdict.Drop), NftElement.Else().To(NftVerdict.Accept)]),
        ["timeout"] = (
            new NftSet(s_table, "s", NftType.Ipv4Addr) { TimeoutMs = 3_600_000, Timeout = true },
            [NftElement.Of(IpAddress.Parse("10.0.0.1")) with { TimeoutMs = 7_200_000, Comment = "longer" }]),
        ["size and dynamic"] = (new NftSet(s_table, "s", NftType.Ipv4Addr) { Dynamic = true, Size = 100, TimeoutMs = 60_000, Timeout = true }, []),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Set_MadeByUs_IsListedByNftAndReadBack(string kind)
    {
        (NftSet set, NftElement[] elements) = s_kinds[kind];
        using var box = new NftSandbox();
        var other = new NftChain(s_table, "other");
        box.Commit(t => t.AddTable(s_table).AddChain(other).AddSet(set).AddElements(set, elements));
        Assert.Equal(Flat(NftText.Script(s_table, [set], [other], [], _ => elements)), WithoutExpiry(Flat(box.Nft("list", "ruleset"))));

        NftSet read = Assert.Single(box.Socket.Sets(s_table));
        Assert.Equal(set, read with { Handle = 0, Table = s_table });
        Assert.Equal(elements.Select(e => e.ToText(set)).Order(), box.Socket.Elements(read).Select(e => e.ToText(set)).Order());

        // Again is fine, as new it is not; removing needs the same keys.
        box.Commit(t => t.EnsureSet(set).EnsureElements(set, elements));
        if (elements.Length == 0) return;
        Assert.Equal(Errno.EEXIST, box.Socket.Commit(box.Socket.NewTransaction().AddElements(set, elements[0])).Errno);
        box.Commit(t => t.DeleteElements(set, elements));
        Assert.Empty(box.Socket.Elements(set));
        Assert.Equal(Errno.ENOENT, box.Socket.Commit(box.Socket.NewTransaction().DeleteElements(set, elements[0])).Errno);
        box.Commit(t => t.DestroyElements(set, elements[0]).AddElements(set, elements).FlushSet(set).DeleteSet(set));
        Assert.Empty(box.Socket.Sets());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Set_MadeByNft_IsReadLikeOurs(string kind)
    {
        (NftSet set, NftElement[] elements) = s_kinds[kind];
        using var box = new NftSandbox();
        box.Script(NftText.Script(s_table, [set], [new NftChain(s_table, "other")], [], _ => elements));
        NftSet read = Assert.Single(box.Socket.Sets(s_table));
        Assert.Equal(set, read with { Handle = 0, Table = s_table });
        Assert.Equal(elements.Select(e => e.ToText(set)).Order(), box.Socket.Elements(read).Select(e => e.ToText(set)).Order());
    }

    [Fact]
    public void Map_TenThousandElements_OneTransaction()
    {
        const int Count = 10_000;
        var map = new NftSet(s_table, "m", s_end) { Data = NftType.Concat(NftType.Ipv4Addr, NftType.InetService) };
        byte[] keys = new byte[Count * 12], data = new byte[Count * 8];
        for (int i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(keys.AsSpan(i * 12), 0x0a60_0000u + (uint)i);
            keys[(i * 12) + 4] = TcpProtocol;
            BinaryPrimitives.WriteUInt16BigEndian(keys.AsSpan((i * 12) + 8), 443);
            BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(i * 8), 0xc0a8_0000u + (uint)i);
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan((i * 8) + 4), 6443);
        }

        using var box = new NftSandbox();
        box.Commit(t => t.AddTable(s_table).AddSet(map).AddElements(map, keys, data));
        var read = box.Socket.Elements(map);
        Assert.Equal(Count, read.Length);
        for (int i = 0; i < Count; i++)
        {
            Assert.True(read[i].Key.Span.SequenceEqual(keys.AsSpan(i * 12, 12)));
            Assert.True(read[i].Data!.Value.Span.SequenceEqual(data.AsSpan(i * 8, 8)));
        }

        Assert.Contains("10.96.39.15 . tcp . 443 : 192.168.39.15 . 6443", box.Nft("list", "ruleset"), StringComparison.Ordinal);

        // One element gets another value; nobody sees it missing.
        NftElement changed = End("10.96.0.1", 6, 443).To(NftBytes.Concat(Ip4("10.0.0.9"), NftBytes.U16Be(1)));
        Assert.Equal(Errno.EEXIST, box.Socket.Commit(box.Socket.NewTransaction().EnsureElements(map, changed)).Errno);
        box.Commit(t => t.ReplaceElements(map, changed));
        Assert.Equal(changed, box.Socket.Elements(map)[1]);
        box.Commit(t => t.DeleteElements(map, keys));
        Assert.Empty(box.Socket.Elements(map));
    }

    /// <summary>The kernel moves the elements to a larger table in the background; a dump meanwhile has some twice and others not at all.</summary>
    [Fact]
    public void Set_ReadWhileItsTableGrows_IsWhole()
    {
        const int Count = 20_000, Rounds = 30;
        var set = new NftSet(s_table, "s", NftType.Ipv4Addr);
        byte[] keys = new byte[Count * 4];
        for (int i = 0; i < Count; i++) BinaryPrimitives.WriteUInt32BigEndian(keys.AsSpan(i * 4), 0x0a00_0000u + (uint)i);
        using var box = new NftSandbox();
        for (int round = 0; round < Rounds; round++)
        {
            box.Commit(t => t.AddTable(s_table).AddSet(set).AddElements(set, keys, []));
            var read = box.Socket.Elements(set);
            Assert.Equal(Count, read.Length);
            for (int i = 0; i < Count; i++) Assert.True(read[i].Key.Span.SequenceEqual(keys.AsSpan(i * 4, 4)), $"round {round}, element {i}");
            box.Commit(t => t.DeleteTable(s_table));
        }
    }

    [Fact]
    public void CountedSet_Listed_HasCounters()
    {
        using var box = new NftSandbox();
        var set = new NftSet(s_table, "s", NftType.Ipv4Addr) { Counter = true };
        box.Commit(t => t.AddTable(s_table).AddSet(set).AddElements(set, NftElement.Of(IpAddress.Parse("10.0.0.1"))));
        Assert.True(Assert.Single(box.Socket.Sets()).Counter);
        Assert.Equal((0ul, 0ul), Assert.Single(box.Socket.Elements(set)).Counted);
        Assert.Contains("10.0.0.1 counter packets 0 bytes 0", box.Nft("list", "ruleset"), StringComparison.Ordinal);
    }

    [Fact]
    public void AnonymousSet_RuleGoes_SetGoes()
    {
        using var box = new NftSandbox();
        NftChain chain = NftSandbox.Chain;
        box.Commit(t => t.AddTable(s_table).AddChain(chain)
            .AddRule(new NftRule(chain, Tcp.Dport.OneOf(80, 443), Accept))
            .AddRule(new NftRule(chain, Meta.Iifname.OneOf("a", "b"), Udp.Dport.OneOf(53), Accept)));
        Assert.Equal(3, box.Socket.AllSets(s_table).Length);
        Assert.Empty(box.Socket.Sets(s_table));
        box.Commit(t => t.FlushChain(chain));
        Assert.Empty(box.Socket.AllSets(s_table));
    }

    /// <summary>One line for elements, which nft breaks after every few, and no empty lines.</summary>
    private static string Flat(string ruleset)
        => string.Join('\n', ruleset.Replace(",\n\t\t\t     ", ", ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Contains("elements", StringComparison.Ordinal) ? Sorted(line) : line));

    private static string Sorted(string line) => string.Join(", ", line.Replace("elements = { ", "", StringComparison.Ordinal).Replace(" }", "", StringComparison.Ordinal).Trim().Split(", ").Order());

    private static string WithoutExpiry(string ruleset) => System.Text.RegularExpressions.Regex.Replace(ruleset, " expires [0-9a-z]+", "");
}
