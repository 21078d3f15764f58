using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Nft.Expressions;

/// <summary>One step of a rule, as the kernel's virtual machine runs it: load, compare, look up, decide.</summary>
/// <remarks>Written and read by the same record; equal content is equal. ToString is close to `nft --debug=netlink`.</remarks>
public abstract record NftExpression
{
    /// <summary>The kernel's name of the expression: "payload", "cmp", ...</summary>
    public abstract string Name { get; }

    /// <summary>Writes the attributes inside NFTA_EXPR_DATA.</summary>
    internal abstract void WriteData(NetlinkBatch batch);

    /// <summary>Writes name and data, inside a nest of the caller's (NFTA_LIST_ELEM, NFTA_SET_EXPR).</summary>
    internal void Write(NetlinkBatch batch, ushort type)
    {
        int element = batch.BeginNest(type);
        batch.String(NfTablesUapi.NFTA_EXPR_NAME, Name);
        int data = batch.BeginNest(NfTablesUapi.NFTA_EXPR_DATA);
        WriteData(batch);
        batch.EndNest(data);
        batch.EndNest(element);
    }
}

/// <summary>An expression that this version has no record for, kept as it came.</summary>
public sealed record NftUnknown(string RawName, NftBytes Data) : NftExpression
{
    public override string Name => RawName;

    internal override void WriteData(NetlinkBatch batch) => Data.Span.CopyTo(batch.Raw(Data.Length));
}
