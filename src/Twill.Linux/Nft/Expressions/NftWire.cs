using System.Collections.Immutable;
using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Nft.Expressions;

/// <summary>A rule's expressions as the bytes that NFTA_RULE_EXPRESSIONS holds: to keep a rule outside the kernel and have the very same back.</summary>
public static class NftWire
{
    public static byte[] ToBytes(ImmutableArray<NftExpression> expressions)
    {
        var batch = new NetlinkBatch();
        foreach (NftExpression expression in expressions) expression.Write(batch, NfTablesUapi.NFTA_LIST_ELEM);
        return batch.Bytes.ToArray();
    }

    /// <exception cref="NetlinkProtocolException">The bytes are no list of expressions.</exception>
    public static ImmutableArray<NftExpression> Read(ReadOnlySpan<byte> bytes)
    {
        var expressions = new List<NftExpression>();
        NftExpressionReader.ReadList(new AttributeReader(bytes), expressions);
        return [.. expressions];
    }
}
