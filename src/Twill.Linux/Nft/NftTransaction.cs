using Twill.Linux.Netlink;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

/// <summary>Changes that take effect together or not at all: one nfnetlink batch. Build it, then <see cref="NftSocket.Commit"/>.</summary>
/// <remarks>
/// Ensure makes what is not there and is content with what is; Add must be new (EEXIST); Delete must be there (ENOENT); Destroy is
/// fine if absent and needs kernel 6.3. Object names need not exist outside the transaction: earlier steps count.
/// Packets see the old rules or the new ones, never a mixture. Used again after <see cref="Reset"/> it allocates nothing.
/// Source: nfnetlink_rcv_batch in net/netfilter/nfnetlink.c.
/// </remarks>
public sealed partial class NftTransaction
{
    private const ushort Subsystem = NfnetlinkUapi.NFNL_SUBSYS_NFTABLES << 8;
    private const uint FirstSequence = 1;

    private readonly NetlinkBatch _batch = new();
    private readonly List<Step> _steps = [];
    private uint _nextSetId;
    private bool _ended;

    public NftTransaction() => Reset();

    /// <summary>What a message of the batch is about, so that a refusal can name it. Texts are made only then.</summary>
    private readonly record struct Step(string What, object? Object);

    /// <summary>Messages so far, without the batch's own two.</summary>
    public int Count => _steps.Count - 1;

    /// <summary>Bytes so far.</summary>
    public int Length => _batch.Length;

    /// <summary>Empties the transaction.</summary>
    /// <param name="expectedGeneration">Only commit if no ruleset of the namespace changed since this generation
    /// (<see cref="NftSocket.Generation"/>), so that what was read before still holds; null: whatever happened.</param>
    public NftTransaction Reset(uint? expectedGeneration = null)
    {
        _batch.Reset(FirstSequence);
        _steps.Clear();
        _nextSetId = 1;
        _ended = false;
        Begin(NfnetlinkUapi.NFNL_MSG_BATCH_BEGIN, NftFamily.Unspecified, 0, NfnetlinkUapi.NFNL_SUBSYS_NFTABLES, "commit nftables transaction", null);
        if (expectedGeneration is { } generation) _batch.U32Be(NfnetlinkUapi.NFNL_BATCH_GENID, generation);
        return this;
    }

    public NftTransaction EnsureTable(NftTable table) => NewTable("ensure table", table, NetlinkUapi.NLM_F_CREATE);

    public NftTransaction AddTable(NftTable table) => NewTable("add table", table, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL);

    /// <summary>With everything in it.</summary>
    public NftTransaction DeleteTable(NftTable table) => NameTable(NFT_MSG_DELTABLE, "delete table", table);

    public NftTransaction DestroyTable(NftTable table) => NameTable(NFT_MSG_DESTROYTABLE, "destroy table", table);

    /// <summary>Every rule of every chain; chains and sets stay. Like: nft flush table inet twill.</summary>
    public NftTransaction FlushTable(NftTable table)
    {
        Begin(NFT_MSG_DELRULE, table.Family, 0, "flush table", table);
        _batch.String(NFTA_RULE_TABLE, table.Name);
        return this;
    }

    public NftTransaction EnsureChain(NftChain chain) => NewChain("ensure chain", chain, NetlinkUapi.NLM_F_CREATE);

    public NftTransaction AddChain(NftChain chain) => NewChain("add chain", chain, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL);

    /// <summary>Must be empty, and nobody may jump to it (EBUSY).</summary>
    public NftTransaction DeleteChain(NftChain chain) => NameChain(NFT_MSG_DELCHAIN, "delete chain", chain);

    public NftTransaction DestroyChain(NftChain chain) => NameChain(NFT_MSG_DESTROYCHAIN, "destroy chain", chain);

    /// <summary>Removes its rules.</summary>
    public NftTransaction FlushChain(NftChain chain)
    {
        Begin(NFT_MSG_DELRULE, chain.Table.Family, 0, "flush chain", chain);
        _batch.String(NFTA_RULE_TABLE, chain.Table.Name);
        _batch.String(NFTA_RULE_CHAIN, chain.Name);
        return this;
    }

    /// <summary>The finished bytes, ready to be sent.</summary>
    internal NetlinkBatch Finish()
    {
        if (!_ended) Begin(NfnetlinkUapi.NFNL_MSG_BATCH_END, NftFamily.Unspecified, 0, NfnetlinkUapi.NFNL_SUBSYS_NFTABLES, "commit nftables transaction", null);
        _ended = true;
        return _batch;
    }

    internal NftOutcome Explain(NetlinkOutcome outcome)
    {
        if (outcome.Ok) return new NftOutcome(outcome);
        if ((uint)outcome.Index >= (uint)_steps.Count) return new NftOutcome(outcome, "cannot commit nftables transaction");
        Step step = _steps[outcome.Index];
        return new NftOutcome(outcome, step.Object is null ? $"cannot {step.What}" : $"cannot {step.What} {step.Object}");
    }

    private void Begin(byte message, NftFamily family, ushort flags, string what, object? about) => Begin((ushort)(Subsystem | message), family, flags, 0, what, about);

    private void Begin(ushort type, NftFamily family, ushort flags, ushort resource, string what, object? about)
    {
        if (_ended) throw new InvalidOperationException("the transaction is finished: Reset it first");
        _batch.Begin(type, flags);
        _batch.Header(new NfnetlinkUapi.NfGenMsg { Family = (byte)family, Version = NfnetlinkUapi.NFNETLINK_V0, ResourceIdBe = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(resource) });
        _steps.Add(new Step(what, about));
    }

    private NftTransaction NewTable(string what, NftTable table, ushort flags)
    {
        Begin(NFT_MSG_NEWTABLE, table.Family, flags, what, table);
        _batch.String(NFTA_TABLE_NAME, table.Name);
        _batch.U32Be(NFTA_TABLE_FLAGS, (uint)table.Flags);
        Comment(NFTA_TABLE_USERDATA, table.Comment);
        return this;
    }

    private NftTransaction NameTable(byte message, string what, NftTable table)
    {
        Begin(message, table.Family, 0, what, table);
        _batch.String(NFTA_TABLE_NAME, table.Name);
        return this;
    }

    private NftTransaction NewChain(string what, NftChain chain, ushort flags)
    {
        Begin(NFT_MSG_NEWCHAIN, chain.Table.Family, flags, what, chain);
        _batch.String(NFTA_CHAIN_TABLE, chain.Table.Name);
        _batch.String(NFTA_CHAIN_NAME, chain.Name);
        if (chain.Hook is { } hook)
        {
            _batch.String(NFTA_CHAIN_TYPE, hook.Type);
            if (chain.Policy is { } policy) _batch.U32Be(NFTA_CHAIN_POLICY, (uint)policy.Code);
            Hook(chain.Table.Family, hook);
        }

        Comment(NFTA_CHAIN_USERDATA, chain.Comment);
        return this;
    }

    private void Hook(NftFamily family, NftHook hook)
    {
        int nest = _batch.BeginNest(NFTA_CHAIN_HOOK);
        _batch.U32Be(NFTA_HOOK_HOOKNUM, NftHook.Number(family, hook.Point));
        _batch.U32Be(NFTA_HOOK_PRIORITY, (uint)hook.Priority);
        if (hook.Devices.Length == 1) _batch.String(NFTA_HOOK_DEV, hook.Devices[0]);
        if (hook.Devices.Length > 1)
        {
            int devices = _batch.BeginNest(NFTA_HOOK_DEVS);
            foreach (string device in hook.Devices) _batch.String(NFTA_DEVICE_NAME, device);
            _batch.EndNest(devices);
        }

        _batch.EndNest(nest);
    }

    private NftTransaction NameChain(byte message, string what, NftChain chain)
    {
        Begin(message, chain.Table.Family, 0, what, chain);
        _batch.String(NFTA_CHAIN_TABLE, chain.Table.Name);
        _batch.String(NFTA_CHAIN_NAME, chain.Name);
        return this;
    }

    private void Comment(ushort attribute, string? comment)
    {
        if (comment is null) return;
        Span<byte> data = stackalloc byte[NFT_USERDATA_MAXLEN];
        _batch.Binary(attribute, data[..NftUserData.WriteComment(data, NftUserData.Comment, comment)]);
    }
}
