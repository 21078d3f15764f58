using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

/// <summary>An expression that stands for the type of a set's key or data. Like: typeof ip daddr . th dport . numgen random mod 2.</summary>
/// <remarks>
/// Needed where a key has a number without a name of its own: nft compares types by name, has none for what numgen and jhash give, and
/// 1.0.6 ends with an assertion when it lists such a key without an example. The kernel only keeps it.
/// Source: the expressions' build_udata in nftables, as nft 1.0.6 writes them.
/// </remarks>
public sealed class NftExample
{
    // nftables, enum expr_types, enum proto_desc_id, and the fields' numbers within a protocol's description.
    private const byte Concatenation = 13, Payload = 7, Meta = 9, Numgen = 23;
    private const byte DescriptionTh = 11, DescriptionIp = 12, DescriptionIp6 = 13;
    private const byte ThDportField = 2, IpDaddrField = 12, Ip6DaddrField = 9;
    private const byte ExpressionEntry = 0, DataEntry = 1;

    private readonly byte _expression;
    private readonly byte[] _data;

    private NftExample(string text, NftType type, byte expression, byte[] data)
    {
        Text = text;
        Type = type;
        _expression = expression;
        _data = data;
    }

    public static NftExample IpDaddr { get; } = new("ip daddr", NftType.Ipv4Addr, Payload, [.. U32(0, DescriptionIp), .. U32(1, IpDaddrField)]);

    public static NftExample Ip6Daddr { get; } = new("ip6 daddr", NftType.Ipv6Addr, Payload, [.. U32(0, DescriptionIp6), .. U32(1, Ip6DaddrField)]);

    public static NftExample ThDport { get; } = new("th dport", NftType.InetService, Payload, [.. U32(0, DescriptionTh), .. U32(1, ThDportField)]);

    public static NftExample MetaL4Proto { get; } = new("meta l4proto", NftType.InetProto, Meta, U32(0, (byte)NFT_META_L4PROTO));

    public static NftExample MetaPriority { get; } = new("meta priority", NftType.ClassId, Meta, U32(0, (byte)NFT_META_PRIORITY));

    /// <summary>Any number that is computed: numgen, jhash.</summary>
    public static NftExample Number { get; } = new("numgen random mod 2", NftType.Integer, Numgen, [.. U32(0, (byte)NFT_NG_RANDOM), .. U32(1, 2), .. U32(2, 0)]);

    /// <summary>nft's words.</summary>
    public string Text { get; }

    public NftType Type { get; }

    /// <summary>Like: ip daddr . th dport.</summary>
    public static NftExample Concat(params ReadOnlySpan<NftExample> fields)
    {
        var types = new NftType[fields.Length];
        var texts = new string[fields.Length];
        var data = new List<byte>();
        for (int i = 0; i < fields.Length; i++)
        {
            types[i] = fields[i].Type;
            texts[i] = fields[i].Text;
            data.AddRange(Nest((byte)i, fields[i].Bytes()));
        }

        return new NftExample(string.Join(" . ", texts), NftType.Concat(types), Concatenation, [.. data]);
    }

    /// <summary>As a set's userdata.</summary>
    internal byte[] Bytes() => [.. U32(ExpressionEntry, _expression), .. Nest(DataEntry, _data)];

    private static byte[] U32(byte type, byte value) => [type, 4, value, 0, 0, 0];

    private static byte[] Nest(byte type, byte[] data) => [type, checked((byte)data.Length), .. data];
}
