using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Nft;

/// <summary>What becomes of the packet. Like: accept, drop, jump pods, goto pods, return, continue.</summary>
/// <param name="Code">NF_ACCEPT, NF_DROP, NFT_JUMP, ...</param>
/// <param name="Chain">Target of jump and goto.</param>
public readonly record struct NftVerdict(int Code, string? Chain = null)
{
    public static NftVerdict Accept => new(NfnetlinkUapi.NF_ACCEPT);

    public static NftVerdict Drop => new(NfnetlinkUapi.NF_DROP);

    public static NftVerdict Return => new(NfTablesUapi.NFT_RETURN);

    public static NftVerdict Continue => new(NfTablesUapi.NFT_CONTINUE);

    public static NftVerdict Jump(string chain) => new(NfTablesUapi.NFT_JUMP, chain);

    public static NftVerdict Goto(string chain) => new(NfTablesUapi.NFT_GOTO, chain);

    public override string ToString() => Code switch
    {
        NfnetlinkUapi.NF_ACCEPT => "accept",
        NfnetlinkUapi.NF_DROP => "drop",
        NfnetlinkUapi.NF_STOLEN => "stolen",
        NfnetlinkUapi.NF_QUEUE => "queue",
        NfTablesUapi.NFT_CONTINUE => "continue",
        NfTablesUapi.NFT_BREAK => "break",
        NfTablesUapi.NFT_JUMP => $"jump {Chain}",
        NfTablesUapi.NFT_GOTO => $"goto {Chain}",
        NfTablesUapi.NFT_RETURN => "return",
        _ => $"verdict {Code}",
    };

    /// <summary>As NFTA_DATA_VERDICT.</summary>
    internal void Write(NetlinkBatch batch)
    {
        int nest = batch.BeginNest(NfTablesUapi.NFTA_DATA_VERDICT);
        batch.U32Be(NfTablesUapi.NFTA_VERDICT_CODE, (uint)Code);
        if (Chain is not null) batch.String(NfTablesUapi.NFTA_VERDICT_CHAIN, Chain);
        batch.EndNest(nest);
    }

    /// <summary>The inside of NFTA_DATA_VERDICT.</summary>
    internal static NftVerdict Read(AttributeReader verdict)
    {
        int code = 0;
        string? chain = null;
        while (verdict.Next())
        {
            if (verdict.Type == NfTablesUapi.NFTA_VERDICT_CODE) code = (int)verdict.U32Be();
            else if (verdict.Type == NfTablesUapi.NFTA_VERDICT_CHAIN) chain = verdict.String();
        }

        return new NftVerdict(code, chain);
    }
}
