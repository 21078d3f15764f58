using Twill.Linux.Nft.Expressions;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

public sealed partial class NftTransaction
{
    /// <summary>EEXIST if it is there with another shape.</summary>
    public NftTransaction EnsureSet(NftSet set) => NewSet("ensure set", set, set, NetlinkUapi.NLM_F_CREATE, _nextSetId++);

    public NftTransaction AddSet(NftSet set) => NewSet("add set", set, set, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL, _nextSetId++);

    /// <summary>No rule may use it (EBUSY).</summary>
    public NftTransaction DeleteSet(NftSet set) => NameSet(NFT_MSG_DELSET, "delete set", set);

    public NftTransaction DestroySet(NftSet set) => NameSet(NFT_MSG_DESTROYSET, "destroy set", set);

    /// <summary>Removes its elements.</summary>
    public NftTransaction FlushSet(NftSet set)
    {
        Begin(NFT_MSG_DELSETELEM, set.Table.Family, 0, "flush set", set);
        _batch.String(NFTA_SET_ELEM_LIST_TABLE, set.Table.Name);
        _batch.String(NFTA_SET_ELEM_LIST_SET, set.Name);
        return this;
    }

    private NftTransaction NewSet(string what, object about, NftSet set, ushort flags, uint id)
    {
        Begin(NFT_MSG_NEWSET, set.Table.Family, flags, what, about);
        _batch.String(NFTA_SET_TABLE, set.Table.Name);
        _batch.String(NFTA_SET_NAME, set.Name);
        _batch.U32Be(NFTA_SET_FLAGS, set.KernelFlags);
        _batch.U32Be(NFTA_SET_KEY_TYPE, set.Key.Id);
        _batch.U32Be(NFTA_SET_KEY_LEN, (uint)set.Key.Length);
        if (set.Data is { } data)
        {
            _batch.U32Be(NFTA_SET_DATA_TYPE, data.Id);
            _batch.U32Be(NFTA_SET_DATA_LEN, (uint)data.Length);
        }

        _batch.U32Be(NFTA_SET_ID, id);
        if (set.TimeoutMs != 0) _batch.U64Be(NFTA_SET_TIMEOUT, set.TimeoutMs);
        Description(set);
        SetUserData(set);
        if (set.Counter) new NftCounter().Write(_batch, NFTA_SET_EXPR);
        return this;
    }

    private void Description(NftSet set)
    {
        if (set.Size == 0 && !set.RangesInElement) return;
        int nest = _batch.BeginNest(NFTA_SET_DESC);
        if (set.Size != 0) _batch.U32Be(NFTA_SET_DESC_SIZE, set.Size);
        if (set.RangesInElement)
        {
            // Without the fields' lengths the kernel refuses NFT_SET_CONCAT.
            int concatenation = _batch.BeginNest(NFTA_SET_DESC_CONCAT);
            foreach (NftType field in set.Key.Fields)
            {
                int one = _batch.BeginNest(NFTA_LIST_ELEM);
                _batch.U32Be(NFTA_SET_FIELD_LEN, (uint)field.Length);
                _batch.EndNest(one);
            }

            _batch.EndNest(concatenation);
        }

        _batch.EndNest(nest);
    }

    /// <summary>Byte orders and examples, so that nft prints the elements rightly; the comment.</summary>
    private void SetUserData(NftSet set)
    {
        const uint Unknown = 0, Host = 1, Network = 2;
        static uint Order(NftType type) => type.IsConcatenation || type.IsVerdict ? Unknown : type.HostOrder ? Host : Network;

        Span<byte> data = stackalloc byte[NFT_USERDATA_MAXLEN];
        int length = NftUserData.WriteU32(data, NftUserData.SetKeyByteOrder, Order(set.Key));
        if (set.Data is { } type) length += NftUserData.WriteU32(data[length..], NftUserData.SetDataByteOrder, Order(type));
        if (set.KeyExample is { } key) length += NftUserData.WriteBytes(data[length..], NftUserData.SetKeyTypeof, key.Bytes());
        if (set.DataExample is { } value) length += NftUserData.WriteBytes(data[length..], NftUserData.SetDataTypeof, value.Bytes());
        if (set.AutoMerge) length += NftUserData.WriteU32(data[length..], NftUserData.SetMergeElements, 1);
        if (set.Comment is not null) length += NftUserData.WriteComment(data[length..], NftUserData.SetComment, set.Comment);
        _batch.Binary(NFTA_SET_USERDATA, data[..length]);
    }

    private NftTransaction NameSet(byte message, string what, NftSet set)
    {
        Begin(message, set.Table.Family, 0, what, set);
        _batch.String(NFTA_SET_TABLE, set.Table.Name);
        _batch.String(NFTA_SET_NAME, set.Name);
        return this;
    }
}
