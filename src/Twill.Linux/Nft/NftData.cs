using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Nft;

/// <summary>An attribute of type nft_data_attributes: a value or a verdict inside a nest.</summary>
internal static class NftData
{
    internal static void Value(NetlinkBatch batch, ushort type, ReadOnlySpan<byte> value)
    {
        int nest = batch.BeginNest(type);
        batch.Binary(NfTablesUapi.NFTA_DATA_VALUE, value);
        batch.EndNest(nest);
    }

    internal static void Verdict(NetlinkBatch batch, ushort type, NftVerdict verdict)
    {
        int nest = batch.BeginNest(type);
        verdict.Write(batch);
        batch.EndNest(nest);
    }

    internal static NftBytes Read(in AttributeReader attribute, out NftVerdict? verdict)
    {
        verdict = null;
        NftBytes value = default;
        AttributeReader inner = attribute.Nested();
        while (inner.Next())
        {
            if (inner.Type == NfTablesUapi.NFTA_DATA_VALUE) value = new NftBytes(inner.Payload);
            else if (inner.Type == NfTablesUapi.NFTA_DATA_VERDICT) verdict = NftVerdict.Read(inner.Nested());
        }

        return value;
    }

    internal static NftBytes Value(in AttributeReader attribute) => Read(attribute, out _);
}
