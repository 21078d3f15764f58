using Twill.Linux.Netlink;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;
using static Twill.Linux.Nft.Nft;

namespace Twill.KernelTests.Nftables;

[Collection(KernelCollection.Name)]
public sealed class TransactionTests : IClassFixture<LeakCheck>
{
    private static readonly NftTable s_table = NftSandbox.Table;
    private static readonly NftChain s_chain = NftSandbox.Chain;

    [Fact]
    public void Table_AddedReadAddedRemovedRemoved_EachAnswerIsAValue()
    {
        using var box = new NftSandbox();
        NftTable table = s_table with { Comment = "made by twill" };
        Assert.Null(box.Socket.Table(NftFamily.Inet, "twill"));
        box.Commit(t => t.AddTable(table));
        NftTable read = Assert.IsType<NftTable>(box.Socket.Table(NftFamily.Inet, "twill"));
        Assert.Equal("made by twill", read.Comment);
        Assert.NotEqual(0ul, read.Handle);
        Assert.Equal(table.Name, Assert.Single(box.Socket.Tables()).Name);

        NftOutcome again = box.Socket.Commit(box.Socket.NewTransaction().AddTable(table));
        Assert.Equal(Errno.EEXIST, again.Errno);
        Assert.StartsWith("cannot add table inet twill: EEXIST (17) File exists", again.ToString(), StringComparison.Ordinal);
        box.Commit(t => t.EnsureTable(table));
        Assert.Equal("table inet twill {\n\tcomment \"made by twill\"\n}\n", box.Nft("list", "ruleset"));

        Assert.True(box.Socket.RemoveTable(table));
        Assert.False(box.Socket.RemoveTable(table));
        Assert.Equal(Errno.ENOENT, box.Socket.Commit(box.Socket.NewTransaction().DeleteTable(table)).Errno);
        Assert.Equal("", box.Nft("list", "ruleset"));
    }

    [Fact]
    public void Destroy_Absent_IsFine()
    {
        using var box = new NftSandbox();
        box.Commit(t => t.DestroyTable(s_table));
        box.Commit(t => t.AddTable(s_table).AddChain(s_chain).DestroyChain(s_chain).DestroyChain(s_chain).DestroyTable(s_table));
        Assert.Empty(box.Socket.Tables());
    }

    [Theory]
    [InlineData(NftFamily.Ip)]
    [InlineData(NftFamily.Ip6)]
    [InlineData(NftFamily.Inet)]
    [InlineData(NftFamily.Bridge)]
    [InlineData(NftFamily.Netdev)]
    public void Families_BaseChain_IsListedByNft(NftFamily family)
    {
        using var box = new NftSandbox();
        var table = new NftTable(family, "t");
        NftHook hook = family == NftFamily.Netdev ? new NftHook("filter", NftHookPoint.Ingress, 0) { Devices = ["lo"] } : NftHook.Filter(NftHookPoint.Forward, 7);
        var chain = new NftChain(table, "c") { Hook = hook, Policy = NftVerdict.Accept, Comment = "why" };
        var rule = new NftRule(chain, family == NftFamily.Ip6 ? Ip6.Saddr.Is(IpPrefix.Parse("fd00::/8")) : Ip.Saddr.Is(IpPrefix.Parse("10.0.0.0/9")), Drop);
        box.Commit(t => t.AddTable(table).AddChain(chain).AddRule(rule));
        Assert.Equal(NftText.Script(table, [], [chain], [rule]), box.Nft("list", "ruleset"));
        NftChain read = Assert.Single(box.Socket.Chains());
        Assert.Equal(chain, read with { Handle = 0, Use = 0 });
    }

    [Fact]
    public void Batch_OneBadMessage_ChangesNothingAndNamesIt()
    {
        using var box = new NftSandbox();
        box.Commit(t => t.AddTable(s_table).AddChain(s_chain).AddRule(new NftRule(s_chain, Drop) { Comment = "old" }));
        string before = box.Nft("-a", "list", "ruleset");
        NftOutcome outcome = box.Socket.Commit(box.Socket.NewTransaction()
            .FlushChain(s_chain)
            .AddRule(new NftRule(s_chain, Accept))
            .AddRule(new NftRule(new NftChain(s_table, "nowhere"), Accept) { Comment = "lost" })
            .AddTable(new NftTable(NftFamily.Ip, "more")));
        Assert.Equal(Errno.ENOENT, outcome.Errno);
        Assert.Equal("cannot add rule to chain inet twill nowhere \"accept comment \"lost\"\"", outcome.What);
        Assert.Equal(before, box.Nft("-a", "list", "ruleset"));
        NetlinkException thrown = Assert.Throws<NetlinkException>(outcome.ThrowIfFailed);
        Assert.Equal(Errno.ENOENT, thrown.Errno);
    }

    [Fact]
    public void Batch_ThousandsOfBadMessages_AnswersTheFirst()
    {
        using var box = new NftSandbox();
        NftTransaction transaction = box.Socket.NewTransaction();
        for (int i = 0; i < 5000; i++) transaction.DeleteTable(new NftTable(NftFamily.Inet, $"none{i}"));
        NftOutcome outcome = box.Socket.Commit(transaction);
        Assert.Equal(Errno.ENOENT, outcome.Errno);
        Assert.Equal("cannot delete table inet none0", outcome.What);
        // The kernel's queue of refusals overflowed; the socket stays usable.
        Assert.NotEqual(0u, box.Socket.Generation());
        box.Commit(t => t.AddTable(s_table));
    }

    [Fact]
    public void Generation_ChangedSinceRead_RefusesAndChangesNothing()
    {
        using var box = new NftSandbox();
        using var other = NftSocket.Open(box.Namespace);
        box.Commit(t => t.AddTable(s_table));
        uint generation = box.Socket.Generation();
        Assert.True(other.Commit(other.NewTransaction().AddTable(new NftTable(NftFamily.Ip, "theirs"))).Ok);
        NftOutcome outcome = box.Socket.Commit(box.Socket.NewTransaction(generation).AddChain(s_chain));
        Assert.True(outcome.GenerationChanged, outcome.ToString());
        Assert.Equal("cannot commit nftables transaction", outcome.What);
        Assert.Empty(box.Socket.Chains());

        outcome = box.Socket.Commit(box.Socket.NewTransaction(box.Socket.Generation()).AddChain(s_chain));
        Assert.True(outcome.Ok, outcome.ToString());
        Assert.Single(box.Socket.Chains());
    }

    [Fact]
    public void Rules_InsertedReplacedDeleted_StandInOrder()
    {
        using var box = new NftSandbox();
        NftRule Named(string name) => new(s_chain, Counter) { Comment = name };
        box.Commit(t => t.AddTable(s_table).AddChain(s_chain).AddRule(Named("b")).AddRule(Named("d")).InsertRule(Named("a")));
        var rules = box.Socket.Rules(s_chain);
        Assert.Equal(["a", "b", "d"], rules.Select(r => r.Comment));
        box.Commit(t => t.AddRuleAfter(Named("c"), rules[1].Handle).InsertRuleBefore(Named("z"), rules[0].Handle).ReplaceRule(Named("B"), rules[1].Handle));
        Assert.Equal(["z", "a", "B", "c", "d"], box.Socket.Rules(s_chain).Select(r => r.Comment));
        box.Commit(t => t.DeleteRule(box.Socket.Rules(s_chain)[0]));
        Assert.Equal(["a", "B", "c", "d"], box.Socket.Rules(s_table).Select(r => r.Comment));
        box.Commit(t => t.FlushTable(s_table));
        Assert.Empty(box.Socket.Rules());
        Assert.Equal(Errno.ENOENT, box.Socket.Commit(box.Socket.NewTransaction().DeleteRule(s_chain, 999)).Errno);
    }

    [Fact]
    public void UnknownExpression_ReadAndWrittenBack_StaysWhatItWas()
    {
        using var box = new NftSandbox();
        box.Commit(t => t.AddTable(s_table).AddChain(s_chain));
        box.Nft("add", "rule", "inet", "twill", "c", "tcp", "dport", "80", "quota", "over", "10", "mbytes", "drop", "comment", "\"theirs\"");
        NftRuleInfo theirs = Assert.Single(box.Socket.Rules(s_chain));
        Assert.Equal("quota", Assert.Single(theirs.Expressions.OfType<NftUnknown>()).RawName);
        string before = box.Nft("list", "ruleset");
        box.Commit(t => t.FlushChain(s_chain).AddRule(new NftRule(s_chain, Raw("as read", theirs.Expressions.AsSpan())) { Comment = theirs.Comment }));
        Assert.Equal(before, box.Nft("list", "ruleset"));
    }

    [Fact]
    public void OwnedTable_SocketCloses_TableGoes()
    {
        using var box = new NftSandbox();
        using (var owner = NftSocket.Open(box.Namespace))
        {
            Assert.True(owner.Commit(owner.NewTransaction().AddTable(s_table with { Flags = NftTableFlags.Owner })).Ok);
            NftTable seen = Assert.Single(box.Socket.Tables());
            Assert.Equal(NftTableFlags.Owner, seen.Flags);
            Assert.NotEqual(0u, seen.OwnerPort);
            Assert.Equal(Errno.EPERM, box.Socket.Commit(box.Socket.NewTransaction().DeleteTable(s_table)).Errno);
        }

        Assert.Empty(box.Socket.Tables());
    }

    [Fact]
    public void Absent_Read_IsEmpty()
    {
        using var box = new NftSandbox();
        Assert.Empty(box.Socket.Chains(s_table));
        Assert.Empty(box.Socket.Rules(s_chain));
        Assert.Empty(box.Socket.Sets(s_table));
        Assert.Empty(box.Socket.Elements(new NftSet(s_table, "s", NftType.Ipv4Addr)));
        Assert.NotEqual(0u, box.Socket.Generation());
    }

    [Fact]
    public void HotPath_GenerationAndElements_AllocateNothing()
    {
        using var box = new NftSandbox();
        var set = new NftSet(s_table, "m", NftType.Concat(NftType.Ipv4Addr, NftType.InetService)) { Data = NftType.Concat(NftType.Ipv4Addr, NftType.InetService) };
        box.Commit(t => t.AddTable(s_table).AddSet(set));
        byte[] keys = new byte[8 * 5000], data = new byte[8 * 5000];
        for (int i = 0; i < 5000; i++)
        {
            BitConverter.TryWriteBytes(keys.AsSpan(i * 8), i);
            BitConverter.TryWriteBytes(data.AsSpan(i * 8), i);
        }

        var transaction = new NftTransaction();
        long before = 0;
        for (int round = 0; round < 3; round++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            NftOutcome added = box.Socket.Commit(transaction.Reset(box.Socket.Generation()).AddElements(set, keys, data));
            NftOutcome deleted = box.Socket.Commit(transaction.Reset().DeleteElements(set, keys));
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(added.Ok && deleted.Ok, $"{added} {deleted}");
            if (round == 2) Assert.Equal(0, allocated);
        }
    }
}
