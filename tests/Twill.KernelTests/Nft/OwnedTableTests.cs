using Twill.Linux.Nft;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Nftables;

/// <summary>What docs/adr/0021 was decided by: when one of these fails, the kernel or nft has changed, and the decision is due again.</summary>
[Collection(KernelCollection.Name)]
public sealed class OwnedTableTests : IClassFixture<LeakCheck>
{
    private static readonly NftTable s_owned = NftSandbox.Table with { Flags = NftTableFlags.Owner | NftTableFlags.Persist };

    [Fact]
    public void OwnedTable_FlushedByNft_Stays_AndANewSocketAdoptsIt()
    {
        using var box = new NftSandbox();
        using (var owner = NftSocket.Open(box.Namespace))
        {
            owner.Commit(owner.NewTransaction().AddTable(s_owned).AddChain(NftSandbox.Chain)).ThrowIfFailed();
            box.Nft("flush", "ruleset");
            Assert.Single(box.Socket.Tables());
            Assert.NotEqual(0, box.TryNft("", "delete", "table", "inet", "twill").ExitCode);
            Assert.Equal(Errno.EPERM, box.Socket.Commit(box.Socket.NewTransaction().EnsureTable(s_owned)).Errno);
        }

        using (var heir = NftSocket.Open(box.Namespace))
        {
            heir.Commit(heir.NewTransaction().EnsureTable(s_owned)).ThrowIfFailed();
            box.Nft("flush", "ruleset");
            Assert.Single(box.Socket.Chains(NftSandbox.Table));
        }

        // The control: without an owner it goes.
        box.Nft("flush", "ruleset");
        Assert.Empty(box.Socket.Tables());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OwnedTable_SavedRuleSet_DoesNotLoadAgain(bool ownerLives)
    {
        using var box = new NftSandbox();
        var owner = NftSocket.Open(box.Namespace);
        try
        {
            owner.Commit(owner.NewTransaction().AddTable(s_owned)).ThrowIfFailed();
            box.Nft("add", "table", "ip", "firewall");
            if (!ownerLives) owner.Dispose();
            string saved = box.Nft("list", "ruleset");
            box.Nft("delete", "table", "ip", "firewall");
            Assert.NotEqual(0, box.TryNft(saved, "-f", "-").ExitCode);
            Assert.DoesNotContain(box.Socket.Tables(), t => t.Name == "firewall");
        }
        finally
        {
            owner.Dispose();
        }

        // The control: the same without the flags loads.
        box.Nft("flush", "ruleset");
        box.Script("add table inet twill; add table ip firewall");
        string plain = box.Nft("list", "ruleset");
        box.Nft("delete", "table", "ip", "firewall");
        box.Script(plain);
        Assert.Contains(box.Socket.Tables(), t => t.Name == "firewall");
    }
}
