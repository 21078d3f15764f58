using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

public sealed partial class NftTransaction
{
    // A nested attribute ends at 64 KiB. One element is below 1 KiB: key, end and data of 64 bytes each, 256 bytes of userdata.
    private const int FullMessage = 63 * 1024;

    /// <summary>Content with elements that are there with the same data; other data is EEXIST.</summary>
    public NftTransaction EnsureElements(NftSet set, params ReadOnlySpan<NftElement> elements)
        => Elements(NFT_MSG_NEWSETELEM, NetlinkUapi.NLM_F_CREATE, "ensure elements of set", set, set, 0, elements);

    /// <summary>All must be new.</summary>
    public NftTransaction AddElements(NftSet set, params ReadOnlySpan<NftElement> elements)
        => Elements(NFT_MSG_NEWSETELEM, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL, "add elements to set", set, set, 0, elements);

    /// <summary>All must be there.</summary>
    public NftTransaction DeleteElements(NftSet set, params ReadOnlySpan<NftElement> elements)
        => Elements(NFT_MSG_DELSETELEM, 0, "delete elements from set", set, set, 0, elements);

    /// <summary>Kernel 6.3.</summary>
    public NftTransaction DestroyElements(NftSet set, params ReadOnlySpan<NftElement> elements)
        => Elements(NFT_MSG_DESTROYSETELEM, 0, "destroy elements of set", set, set, 0, elements);

    /// <summary>Gives elements that are there new data. No packet misses them in between.</summary>
    public NftTransaction ReplaceElements(NftSet set, params ReadOnlySpan<NftElement> elements) => DeleteElements(set, elements).AddElements(set, elements);

    /// <summary>Many elements from packed keys and data, without an object for each.</summary>
    /// <param name="keys">Keys of <see cref="NftType.Length"/> bytes, one behind the other.</param>
    /// <param name="data">As many data, packed likewise; empty for a set.</param>
    public NftTransaction EnsureElements(NftSet set, ReadOnlySpan<byte> keys, ReadOnlySpan<byte> data)
        => Packed(NFT_MSG_NEWSETELEM, NetlinkUapi.NLM_F_CREATE, "ensure elements of set", set, keys, data);

    /// <inheritdoc cref="EnsureElements(NftSet, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public NftTransaction AddElements(NftSet set, ReadOnlySpan<byte> keys, ReadOnlySpan<byte> data)
        => Packed(NFT_MSG_NEWSETELEM, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL, "add elements to set", set, keys, data);

    /// <summary>Many elements by their packed keys.</summary>
    public NftTransaction DeleteElements(NftSet set, ReadOnlySpan<byte> keys) => Packed(NFT_MSG_DELSETELEM, 0, "delete elements from set", set, keys, []);

    private NftTransaction Packed(byte message, ushort flags, string what, NftSet set, ReadOnlySpan<byte> keys, ReadOnlySpan<byte> data)
    {
        int keyLength = set.Key.Length;
        int dataLength = data.IsEmpty ? 0 : set.Data?.Length ?? 0;
        int count = keys.Length / keyLength;
        if (count * keyLength != keys.Length || count * dataLength != data.Length || set.Interval || set.Data is { IsVerdict: true })
            throw new ArgumentException($"{keys.Length} bytes of keys and {data.Length} of data do not fit set {set} ({set.Key})", nameof(keys));
        if (count == 0) return this;

        int nest = BeginElements(message, flags, what, set, set, 0);
        for (int i = 0; i < count; i++)
        {
            if (_batch.Length - nest > FullMessage)
            {
                _batch.EndNest(nest);
                nest = BeginElements(message, flags, what, set, set, 0);
            }

            int element = _batch.BeginNest(NFTA_LIST_ELEM);
            NftData.Value(_batch, NFTA_SET_ELEM_KEY, keys.Slice(i * keyLength, keyLength));
            if (dataLength != 0) NftData.Value(_batch, NFTA_SET_ELEM_DATA, data.Slice(i * dataLength, dataLength));
            _batch.EndNest(element);
        }

        _batch.EndNest(nest);
        return this;
    }

    private NftTransaction Elements(byte message, ushort flags, string what, object about, NftSet set, uint setId, ReadOnlySpan<NftElement> elements)
    {
        if (elements.IsEmpty) return this; // an empty list would be a flush
        int nest = BeginElements(message, flags, what, about, set, setId);
        foreach (NftElement element in elements)
        {
            if (_batch.Length - nest > FullMessage)
            {
                _batch.EndNest(nest);
                nest = BeginElements(message, flags, what, about, set, setId);
            }

            Element(set, element);
        }

        _batch.EndNest(nest);
        return this;
    }

    private int BeginElements(byte message, ushort flags, string what, object about, NftSet set, uint setId)
    {
        Begin(message, set.Table.Family, flags, what, about);
        _batch.String(NFTA_SET_ELEM_LIST_TABLE, set.Table.Name);
        _batch.String(NFTA_SET_ELEM_LIST_SET, set.Name);
        if (setId != 0) _batch.U32Be(NFTA_SET_ELEM_LIST_SET_ID, setId);
        return _batch.BeginNest(NFTA_SET_ELEM_LIST_ELEMENTS);
    }

    private void Element(NftSet set, NftElement element)
    {
        int nest = _batch.BeginNest(NFTA_LIST_ELEM);
        if (element.CatchAll) _batch.U32Be(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_CATCHALL);
        else NftData.Value(_batch, NFTA_SET_ELEM_KEY, Key(set, element.Key));

        // Every element of such a set needs its end, also where the range is one key.
        if (set.RangesInElement && !element.CatchAll) NftData.Value(_batch, NFTA_SET_ELEM_KEY_END, Key(set, element.Last ?? element.Key));

        if (element.Verdict is { } verdict) NftData.Verdict(_batch, NFTA_SET_ELEM_DATA, verdict);
        else if (element.Data is { } data) NftData.Value(_batch, NFTA_SET_ELEM_DATA, data.Span);
        if (element.TimeoutMs != 0) _batch.U64Be(NFTA_SET_ELEM_TIMEOUT, element.TimeoutMs);

        Span<byte> end = stackalloc byte[NFT_DATA_VALUE_MAXLEN];
        end = end[..set.Key.Length];
        bool marked = false;
        if (set.Interval && !set.RangesInElement && !element.CatchAll)
        {
            Key(set, element.Last ?? element.Key).CopyTo(end);
            marked = NftElement.Increment(end);
        }

        Span<byte> userData = stackalloc byte[NFT_USERDATA_MAXLEN];
        int length = element.Comment is null ? 0 : NftUserData.WriteComment(userData, NftUserData.Comment, element.Comment);
        if (set.Interval && !set.RangesInElement && !marked && !element.CatchAll)
        {
            // A range up to the last key has no end marker; nft asks for this flag to tell it from one that lost it.
            NftUserData.OpenInterval.CopyTo(userData[length..]);
            length += NftUserData.OpenInterval.Length;
        }

        if (length != 0) _batch.Binary(NFTA_SET_ELEM_USERDATA, userData[..length]);
        _batch.EndNest(nest);
        if (!marked) return;

        // The key after the range, marked as an end: how the kernel stores intervals of single values.
        nest = _batch.BeginNest(NFTA_LIST_ELEM);
        _batch.U32Be(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
        NftData.Value(_batch, NFTA_SET_ELEM_KEY, end);
        _batch.EndNest(nest);
    }

    private static ReadOnlySpan<byte> Key(NftSet set, in NftBytes key)
        => key.Length == set.Key.Length ? key.Span : throw new ArgumentException($"key {key} has {key.Length} bytes, set {set} ({set.Key}) needs {set.Key.Length}");
}
