using Twill.Linux.Netlink;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

/// <summary>Reads the kernel's messages about nftables objects, from dumps and notifications alike. Unknown attributes are skipped.</summary>
internal static partial class NftReader
{
    internal static NftFamily Family(in NetlinkMessage message) => (NftFamily)message.Header<NfnetlinkUapi.NfGenMsg>().Family;

    internal static NftTable Table(in NetlinkMessage message)
    {
        string name = "";
        string? comment = null;
        uint flags = 0, use = 0, owner = 0;
        ulong handle = 0;
        NftFamily family = Family(message);
        AttributeReader attributes = message.Attributes<NfnetlinkUapi.NfGenMsg>();
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case NFTA_TABLE_NAME: name = attributes.String(); break;
                case NFTA_TABLE_FLAGS: flags = attributes.U32Be(); break;
                case NFTA_TABLE_USE: use = attributes.U32Be(); break;
                case NFTA_TABLE_HANDLE: handle = attributes.U64Be(); break;
                case NFTA_TABLE_OWNER: owner = attributes.U32Be(); break;
                case NFTA_TABLE_USERDATA: comment = NftUserData.FindComment(attributes.Payload); break;
            }
        }

        return new NftTable(family, name) { Flags = (NftTableFlags)flags, Use = use, Handle = handle, OwnerPort = owner, Comment = comment };
    }

    internal static NftChain Chain(in NetlinkMessage message)
    {
        string table = "", name = "", type = "";
        string? comment = null;
        uint use = 0;
        uint? policy = null;
        ulong handle = 0;
        NftHook? hook = null;
        NftFamily family = Family(message);
        AttributeReader attributes = message.Attributes<NfnetlinkUapi.NfGenMsg>();
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case NFTA_CHAIN_TABLE: table = attributes.String(); break;
                case NFTA_CHAIN_NAME: name = attributes.String(); break;
                case NFTA_CHAIN_HANDLE: handle = attributes.U64Be(); break;
                case NFTA_CHAIN_USE: use = attributes.U32Be(); break;
                case NFTA_CHAIN_TYPE: type = attributes.String(); break;
                case NFTA_CHAIN_POLICY: policy = attributes.U32Be(); break;
                case NFTA_CHAIN_HOOK: hook = Hook(family, attributes.Nested()); break;
                case NFTA_CHAIN_USERDATA: comment = NftUserData.FindComment(attributes.Payload); break;
            }
        }

        return new NftChain(new NftTable(family, table), name)
        {
            Hook = hook is null ? null : hook with { Type = type },
            Policy = policy is { } code ? new NftVerdict((int)code) : null,
            Comment = comment,
            Handle = handle,
            Use = use,
        };
    }

    internal static NftRuleInfo Rule(in NetlinkMessage message)
    {
        string table = "", chain = "";
        ulong handle = 0, position = 0;
        NftBytes userData = default;
        var expressions = new List<NftExpression>();
        NftFamily family = Family(message);
        AttributeReader attributes = message.Attributes<NfnetlinkUapi.NfGenMsg>();
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case NFTA_RULE_TABLE: table = attributes.String(); break;
                case NFTA_RULE_CHAIN: chain = attributes.String(); break;
                case NFTA_RULE_HANDLE: handle = attributes.U64Be(); break;
                case NFTA_RULE_POSITION: position = attributes.U64Be(); break;
                case NFTA_RULE_USERDATA: userData = new NftBytes(attributes.Payload); break;
                case NFTA_RULE_EXPRESSIONS: NftExpressionReader.ReadList(attributes.Nested(), expressions); break;
            }
        }

        return new NftRuleInfo(new NftChain(new NftTable(family, table), chain), handle, position, NftUserData.FindComment(userData.Span), [.. expressions], userData);
    }

    internal static string? RuleComment(in NetlinkMessage message)
    {
        AttributeReader attributes = message.Attributes<NfnetlinkUapi.NfGenMsg>();
        while (attributes.Next())
        {
            if (attributes.Type == NFTA_RULE_USERDATA) return NftUserData.FindComment(attributes.Payload);
        }

        return null;
    }

    internal static NftSet Set(in NetlinkMessage message)
    {
        const uint Understood = NFT_SET_ANONYMOUS | NFT_SET_CONSTANT | NFT_SET_INTERVAL | NFT_SET_MAP | NFT_SET_TIMEOUT | NFT_SET_EVAL | NFT_SET_CONCAT;
        string table = "", name = "";
        string? comment = null;
        uint flags = 0, keyType = 0, keyLength = 0, dataType = 0, dataLength = 0, size = 0;
        ulong handle = 0, timeoutMs = 0;
        bool merge = false, counter = false;
        NftFamily family = Family(message);
        AttributeReader attributes = message.Attributes<NfnetlinkUapi.NfGenMsg>();
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case NFTA_SET_TABLE: table = attributes.String(); break;
                case NFTA_SET_NAME: name = attributes.String(); break;
                case NFTA_SET_FLAGS: flags = attributes.U32Be(); break;
                case NFTA_SET_KEY_TYPE: keyType = attributes.U32Be(); break;
                case NFTA_SET_KEY_LEN: keyLength = attributes.U32Be(); break;
                case NFTA_SET_DATA_TYPE: dataType = attributes.U32Be(); break;
                case NFTA_SET_DATA_LEN: dataLength = attributes.U32Be(); break;
                case NFTA_SET_TIMEOUT: timeoutMs = attributes.U64Be(); break;
                case NFTA_SET_HANDLE: handle = attributes.U64Be(); break;
                case NFTA_SET_DESC: size = Size(attributes.Nested()); break;
                case NFTA_SET_EXPR: counter = NftExpressionReader.Read(attributes.Nested()) is NftCounter; break;
                case NFTA_SET_USERDATA:
                    comment = NftUserData.FindComment(attributes.Payload, NftUserData.SetComment);
                    merge = NftUserData.TryFind(attributes.Payload, NftUserData.SetMergeElements, out ReadOnlySpan<byte> value) && value is not [] && value[0] != 0;
                    break;
            }
        }

        return new NftSet(new NftTable(family, table), name, NftType.FromKernel(keyType, Length(keyLength)))
        {
            Data = (flags & NFT_SET_MAP) != 0 ? NftType.FromKernel(dataType, Length(dataLength)) : null,
            Interval = (flags & NFT_SET_INTERVAL) != 0,
            Timeout = (flags & NFT_SET_TIMEOUT) != 0,
            TimeoutMs = timeoutMs,
            Dynamic = (flags & NFT_SET_EVAL) != 0,
            Constant = (flags & NFT_SET_CONSTANT) != 0,
            Anonymous = (flags & NFT_SET_ANONYMOUS) != 0,
            AutoMerge = merge,
            Counter = counter,
            Size = size,
            Comment = comment,
            Handle = handle,
            OtherFlags = flags & ~Understood,
        };
    }

    // The kernel's limit is 64; larger is no length.
    private static int Length(uint length) => length <= NFT_DATA_VALUE_MAXLEN ? (int)length : throw new NetlinkProtocolException($"set with values of {length} bytes");

    private static uint Size(AttributeReader description)
    {
        uint size = 0;
        while (description.Next())
        {
            if (description.Type == NFTA_SET_DESC_SIZE) size = description.U32Be();
        }

        return size;
    }

    private static NftHook Hook(NftFamily family, AttributeReader hook)
    {
        uint number = 0;
        int priority = 0;
        var devices = new List<string>();
        while (hook.Next())
        {
            switch (hook.Type)
            {
                case NFTA_HOOK_HOOKNUM: number = hook.U32Be(); break;
                case NFTA_HOOK_PRIORITY: priority = (int)hook.U32Be(); break;
                case NFTA_HOOK_DEV:
                    // With NFTA_HOOK_DEVS the kernel sends a single device in both.
                    if (!devices.Contains(hook.String())) devices.Add(hook.String());
                    break;
                case NFTA_HOOK_DEVS:
                    AttributeReader names = hook.Nested();
                    while (names.Next())
                    {
                        if (names.Type == NFTA_DEVICE_NAME && !devices.Contains(names.String())) devices.Add(names.String());
                    }

                    break;
            }
        }

        return new NftHook("", NftHook.PointOf(family, number), priority) { Devices = [.. devices] };
    }
}
