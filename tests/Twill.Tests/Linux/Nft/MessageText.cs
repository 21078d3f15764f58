using System.Text;
using Twill.Linux.Netlink;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Tests.Nftables;

/// <summary>nfnetlink messages as text that says the same for the same meaning, whoever wrote them.</summary>
/// <remarks>
/// Left out because it means nothing to the kernel, or is documented as different: the order of attributes (sorted here), sequence
/// numbers, the numbers that nft gives the elements of a list, NLM_F_CREATE of tables, the lone end at key 0 that nft puts into
/// interval sets, NFTA_BITWISE_OP where it says what is so without it (nft writes it in some rules only), userdata of sets beyond key and data byte order (nft adds the expression's type), and NF_NAT_RANGE_PROTO_SPECIFIED,
/// which the kernel sets itself.
/// </remarks>
internal static class MessageText
{
    internal static string Of(ReadOnlySpan<byte> messages)
    {
        var text = new StringBuilder();
        while (NetlinkMessage.TryRead(ref messages, out NetlinkMessage message))
        {
            var type = (byte)message.Type;
            int flags = message.Flags & (type == NFT_MSG_NEWTABLE ? ~NetlinkUapi.NLM_F_CREATE : ~0);
            text.Append($"message 0x{message.Type:x} flags 0x{flags:x} family {message.Header<NfnetlinkUapi.NfGenMsg>().Family} resource {message.Header<NfnetlinkUapi.NfGenMsg>().ResourceIdBe:x}\n");
            Append(text, message.Payload[4..], 1, type is NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM && message.Type >> 8 == NfnetlinkUapi.NFNL_SUBSYS_NFTABLES, type == NFT_MSG_NEWSET);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, ReadOnlySpan<byte> attributes, int depth, bool elements, bool set)
    {
        var parts = new List<(int Type, string Text)>();
        while (attributes.Length >= 4)
        {
            int length = BitConverter.ToUInt16(attributes);
            int raw = BitConverter.ToUInt16(attributes[2..]);
            int type = raw & NetlinkUapi.NLA_TYPE_MASK;
            bool list = elements && depth == 2;
            ReadOnlySpan<byte> payload = attributes[4..length];
            var part = new StringBuilder();
            part.Append(' ', depth * 2).Append(list ? 1 : type);
            if ((raw & NetlinkUapi.NLA_F_NESTED) != 0)
            {
                part.Append('\n');
                Append(part, payload, depth + 1, elements, false);
            }
            else
            {
                if (set && depth == 1 && type == NFTA_SET_USERDATA) payload = ByteOrdersOnly(payload);
                part.Append(' ').Append(Convert.ToHexStringLower(payload)).Append('\n');
            }

            string done = part.ToString();
            bool skipped = list && done.Contains($"{new string(' ', 6)}3 00000001\n", StringComparison.Ordinal) && parts.Count == 0;
            if (depth == 4 && type == NFTA_BITWISE_OP && payload.SequenceEqual("\0\0\0\0"u8)) skipped = true;
            if (elements && depth == 1 && type == NFTA_SET_ELEM_LIST_SET_ID) skipped = true;
            if (!skipped) parts.Add((list ? 1 : type, done));
            attributes = attributes[Math.Min(attributes.Length, (length + 3) & ~3)..];
        }

        foreach ((int _, string part) in parts.OrderBy(p => p.Type)) text.Append(part);
    }

    private static ReadOnlySpan<byte> ByteOrdersOnly(ReadOnlySpan<byte> userData)
    {
        var kept = new List<byte>();
        while (userData.Length >= 2)
        {
            int length = 2 + userData[1];
            if (userData[0] is 0 or 1 or 2 or 7) kept.AddRange(userData[..length]);
            userData = userData[length..];
        }

        return kept.ToArray();
    }
}
