using Twill.Linux.Netlink;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

internal static partial class NftReader
{
    /// <summary>A notification of group NFNLGRP_NFTABLES.</summary>
    internal static NftEvent Event(in NetlinkMessage message) => (byte)message.Type switch
    {
        NFT_MSG_NEWTABLE => new NftTableEvent(false, Table(message)),
        NFT_MSG_DELTABLE => new NftTableEvent(true, Table(message)),
        NFT_MSG_NEWCHAIN => new NftChainEvent(false, Chain(message)),
        NFT_MSG_DELCHAIN => new NftChainEvent(true, Chain(message)),
        NFT_MSG_NEWRULE => new NftRuleEvent(false, Rule(message)),
        NFT_MSG_DELRULE => new NftRuleEvent(true, Rule(message)),
        NFT_MSG_NEWSET => new NftSetEvent(false, Set(message)),
        NFT_MSG_DELSET => new NftSetEvent(true, Set(message)),
        NFT_MSG_NEWSETELEM => ElementEvent(false, message),
        NFT_MSG_DELSETELEM => ElementEvent(true, message),
        NFT_MSG_NEWGEN => Generation(message),
        byte other => new NftUnknownEvent(other),
    };

    internal static NftGenerationEvent Generation(in NetlinkMessage message)
    {
        uint id = 0, process = 0;
        string name = "";
        AttributeReader attributes = message.Attributes<NfnetlinkUapi.NfGenMsg>();
        while (attributes.Next())
        {
            if (attributes.Type == NFTA_GEN_ID) id = attributes.U32Be();
            else if (attributes.Type == NFTA_GEN_PROC_PID) process = attributes.U32Be();
            else if (attributes.Type == NFTA_GEN_PROC_NAME) name = attributes.String();
        }

        return new NftGenerationEvent(id, process, name);
    }

    private static NftElementEvent ElementEvent(bool removed, in NetlinkMessage message)
    {
        var raw = new List<RawElement>();
        Elements(message, raw, out string table, out string set);
        return new NftElementEvent(removed, Family(message), table, set, [.. raw.Select(r => r.Element)]);
    }
}
