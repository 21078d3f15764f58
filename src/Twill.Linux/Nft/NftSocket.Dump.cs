using System.Collections.Immutable;
using Twill.Linux.Netlink;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

/// <summary>Reading. An absent table, chain or set is an empty answer; whether a table is there says <see cref="Tables"/>.</summary>
public sealed partial class NftSocket
{
    /// <param name="family">Unspecified: all.</param>
    /// <exception cref="NetlinkException">EINTR: the tables changed during each of thirty attempts; also from the other dumps.</exception>
    public ImmutableArray<NftTable> Tables(NftFamily family = NftFamily.Unspecified)
    {
        var reader = new ListReader<NftTable>(NFT_MSG_NEWTABLE, NftReader.Table);
        return Dump(Request(NFT_MSG_GETTABLE, family, NetlinkUapi.NLM_F_DUMP), ref reader, "tables");
    }

    /// <summary>The table by this family and name; null: not there.</summary>
    public NftTable? Table(NftFamily family, string name)
    {
        NetlinkBatch request = Request(NFT_MSG_GETTABLE, family, 0);
        request.String(NFTA_TABLE_NAME, name);
        var reader = new ListReader<NftTable>(NFT_MSG_NEWTABLE, NftReader.Table);
        NetlinkOutcome outcome = _socket.Query(request, ref reader);
        if (outcome.Errno == Errno.ENOENT) return null;
        outcome.ThrowIfFailed($"cannot read table {family.Keyword} {name}");
        return reader.Items.Count == 0 ? null : reader.Items[0];
    }

    /// <param name="table">Null: of all tables.</param>
    public ImmutableArray<NftChain> Chains(NftTable? table = null)
    {
        var reader = new ListReader<NftChain>(NFT_MSG_NEWCHAIN, NftReader.Chain);
        ImmutableArray<NftChain> all = Dump(Request(NFT_MSG_GETCHAIN, table?.Family ?? NftFamily.Unspecified, NetlinkUapi.NLM_F_DUMP), ref reader, "chains");
        // The kernel filters chains by family only.
        return table is null ? all : all.RemoveAll(c => c.Table.Name != table.Name);
    }

    /// <summary>Rules in their order.</summary>
    public ImmutableArray<NftRuleInfo> Rules(NftChain chain) => Rules(chain.Table, chain.Name);

    /// <inheritdoc cref="Rules(NftChain)"/>
    /// <param name="table">Null: of all tables.</param>
    public ImmutableArray<NftRuleInfo> Rules(NftTable? table = null) => Rules(table, null);

    /// <summary>Comments of the chain's rules in their order, null for one without; the rest of the rules is not looked at.</summary>
    /// <exception cref="NetlinkException">As <see cref="Tables"/>.</exception>
    public ImmutableArray<string?> RuleComments(NftChain chain)
    {
        var reader = new ListReader<string?>(NFT_MSG_NEWRULE, NftReader.RuleComment);
        return Dump(RulesRequest(chain.Table, chain.Name), ref reader, "rules");
    }

    /// <summary>Sets and maps, anonymous ones left out.</summary>
    /// <param name="table">Null: of all tables.</param>
    public ImmutableArray<NftSet> Sets(NftTable? table = null) => AllSets(table).RemoveAll(s => s.Anonymous);

    /// <summary>
    /// A hash table that grows in the background is walked in another order in each message of one dump: some elements come
    /// twice, others not at all, and nothing is flagged, as the generation stays. Seen with 10,000 elements read right after
    /// they were added. A missing one always has a twin in its place, since the kernel counts what it skips.
    /// </summary>
    private const int MaxElementDumps = 30;

    /// <summary>Elements of the set, in the order of their keys.</summary>
    /// <param name="set">Table, name, key type and data type count; of a set that was not read here, as it was made.</param>
    public ImmutableArray<NftElement> Elements(NftSet set)
    {
        NetlinkBatch request = Request(NFT_MSG_GETSETELEM, set.Table.Family, NetlinkUapi.NLM_F_DUMP);
        request.String(NFTA_SET_ELEM_LIST_TABLE, set.Table.Name);
        request.String(NFTA_SET_ELEM_LIST_SET, set.Name);
        for (int attempt = 0; attempt < MaxElementDumps; attempt++)
        {
            var reader = new ElementReader();
            NetlinkOutcome outcome = _socket.Dump(request, ref reader);
            if (outcome.Errno == Errno.ENOENT) return [];
            outcome.ThrowIfFailed($"cannot read the elements of set {set}");
            bool intervals = set.Interval && !set.RangesInElement;
            ImmutableArray<NftElement> elements = NftReader.JoinRanges(reader.Items, intervals);
            if (intervals || !NftReader.HasTwins(elements)) return elements;
        }

        var torn = new NetlinkOutcome(Errno.EINTR, 0, $"some came twice in each of {MaxElementDumps} dumps");
        throw new NetlinkException($"cannot read the elements of set {set}", torn, "the kernel resizes the set's table all the time: ask again when fewer elements are added");
    }

    /// <summary>Sets and maps, those included that were made for one rule.</summary>
    /// <param name="table">Null: of all tables.</param>
    public ImmutableArray<NftSet> AllSets(NftTable? table)
    {
        NetlinkBatch request = Request(NFT_MSG_GETSET, table?.Family ?? NftFamily.Unspecified, NetlinkUapi.NLM_F_DUMP);
        if (table is not null) request.String(NFTA_SET_TABLE, table.Name);
        var reader = new ListReader<NftSet>(NFT_MSG_NEWSET, NftReader.Set);
        return Dump(request, ref reader, "sets");
    }

    private ImmutableArray<NftRuleInfo> Rules(NftTable? table, string? chain)
    {
        var reader = new ListReader<NftRuleInfo>(NFT_MSG_NEWRULE, NftReader.Rule);
        return Dump(RulesRequest(table, chain), ref reader, "rules");
    }

    private NetlinkBatch RulesRequest(NftTable? table, string? chain)
    {
        NetlinkBatch request = Request(NFT_MSG_GETRULE, table?.Family ?? NftFamily.Unspecified, NetlinkUapi.NLM_F_DUMP);
        if (table is not null) request.String(NFTA_RULE_TABLE, table.Name);
        if (chain is not null) request.String(NFTA_RULE_CHAIN, chain);
        return request;
    }

    private ImmutableArray<T> Dump<T>(NetlinkBatch request, ref ListReader<T> reader, string what)
    {
        NetlinkOutcome outcome = _socket.Dump(request, ref reader);
        if (outcome.Errno == Errno.ENOENT) return [];
        outcome.ThrowIfFailed($"cannot read nftables {what}");
        return [.. reader.Items];
    }

    private delegate T Parse<T>(in NetlinkMessage message);

    private readonly struct ListReader<T>(byte message, Parse<T> parse) : INetlinkReader
    {
        internal List<T> Items { get; } = [];

        public void Restart() => Items.Clear();

        public void Read(in NetlinkMessage message1)
        {
            if ((byte)message1.Type == message) Items.Add(parse(message1));
        }
    }

    private readonly struct ElementReader() : INetlinkReader
    {
        internal List<NftReader.RawElement> Items { get; } = [];

        public void Restart() => Items.Clear();

        public void Read(in NetlinkMessage message)
        {
            if ((byte)message.Type == NFT_MSG_NEWSETELEM) NftReader.Elements(message, Items, out _, out _);
        }
    }
}
