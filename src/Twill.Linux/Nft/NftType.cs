using System.Buffers.Binary;
using System.Text;
using Twill.Linux.Route;
using Twill.Linux.Uapi;

namespace Twill.Linux.Nft;

/// <summary>The type of a set's key or data. The kernel only keeps its number; nft prints by it.</summary>
/// <remarks>Source: nftables, enum datatypes in include/datatype.h; a concatenation packs its fields' numbers, 6 bits each.</remarks>
public sealed class NftType : IEquatable<NftType>
{
    private const int TypeBits = 6;
    private const uint TypeMask = (1 << TypeBits) - 1;

    private static readonly NftType[] s_known =
    [
        new(7, "ipv4_addr", 4), new(8, "ipv6_addr", 16), new(9, "ether_addr", 6), new(10, "ether_type", 2), new(12, "inet_proto", 1),
        new(13, "inet_service", 2), new(14, "icmp_type", 1), new(19, "mark", 4, true), new(20, "iface_index", 4, true), new(26, "ct_state", 4, true),
        new(28, "ct_status", 4, true), new(29, "icmpv6_type", 1), new(31, "pkt_type", 1), new(38, "fib_addrtype", 4, true), new(41, "ifname", 16, true),
        new(2, "nf_proto", 1, true), new(23, "classid", 4, true),
    ];

    private readonly NftType[] _fields = [];

    private NftType(uint id, string name, int length, bool hostOrder = false)
    {
        Id = id;
        Name = name;
        Length = length;
        HostOrder = hostOrder;
    }

    private NftType(uint id, NftType[] fields, int length)
        : this(id, string.Join(" . ", fields.Select(f => f.Name)), length)
        => _fields = fields;

    public static NftType Ipv4Addr => s_known[0];

    public static NftType Ipv6Addr => s_known[1];

    public static NftType EtherAddr => s_known[2];

    public static NftType InetProto => s_known[4];

    public static NftType InetService => s_known[5];

    public static NftType IcmpType => s_known[6];

    public static NftType Mark => s_known[7];

    public static NftType IfIndex => s_known[8];

    public static NftType CtState => s_known[9];

    public static NftType CtStatus => s_known[10];

    public static NftType Icmpv6Type => s_known[11];

    public static NftType PktType => s_known[12];

    public static NftType FibAddrType => s_known[13];

    public static NftType IfName => s_known[14];

    public static NftType NfProto => s_known[15];

    public static NftType EtherType => s_known[3];

    /// <summary>Of meta priority.</summary>
    public static NftType ClassId => s_known[16];

    /// <summary>Only as a map's data.</summary>
    public static NftType Verdict { get; } = new(NfTablesUapi.NFT_DATA_VERDICT, "verdict", 0);

    /// <summary>A number without a name of its own, as numgen makes it.</summary>
    public static NftType Integer { get; } = new(4, "integer", 4, true);

    /// <summary>nft's number.</summary>
    public uint Id { get; }

    public string Name { get; }

    /// <summary>Bytes of a value; a concatenation's with every field filled up to 4.</summary>
    public int Length { get; }

    /// <summary>Whether values are in the host's byte order.</summary>
    public bool HostOrder { get; }

    /// <summary>The parts of a concatenation; empty for others.</summary>
    public ReadOnlySpan<NftType> Fields => _fields;

    public bool IsConcatenation => _fields.Length > 0;

    public bool IsVerdict => Id == NfTablesUapi.NFT_DATA_VERDICT;

    /// <summary>Like: ipv4_addr . inet_proto . inet_service.</summary>
    /// <param name="fields">At most five: the type's number has room for no more.</param>
    public static NftType Concat(params ReadOnlySpan<NftType> fields)
    {
        if (fields.Length is < 2 or > 5) throw new ArgumentException($"a concatenation has 2 to 5 fields, not {fields.Length}", nameof(fields));
        uint id = 0;
        int length = 0;
        foreach (NftType field in fields)
        {
            id = (id << TypeBits) | field.Id;
            length += (field.Length + 3) & ~3;
        }

        return new NftType(id, fields.ToArray(), length);
    }

    /// <summary>The type that a set's number and length stand for; a number unknown to us is an integer of that length.</summary>
    public static NftType FromKernel(uint id, int length)
    {
        if (id == NfTablesUapi.NFT_DATA_VERDICT) return Verdict;
        if (id > TypeMask && TryConcat(id, length, out NftType? concatenation)) return concatenation;
        foreach (NftType known in s_known)
        {
            if (known.Id == id && known.Length == length) return known;
        }

        return new NftType(id, "integer", length, true);
    }

    private static bool TryConcat(uint id, int length, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out NftType? type)
    {
        type = null;
        var fields = new List<NftType>(5);
        int sum = 0;
        for (int shift = 24; shift >= 0; shift -= TypeBits)
        {
            uint part = (id >> shift) & TypeMask;
            if (part == 0 && fields.Count == 0) continue;
            NftType? field = Array.Find(s_known, k => k.Id == part);
            if (field is null) return false;
            fields.Add(field);
            sum += (field.Length + 3) & ~3;
        }

        if (sum != length || fields.Count < 2) return false;
        type = new NftType(id, [.. fields], length);
        return true;
    }

    /// <summary>A value as nft prints it.</summary>
    public string Format(ReadOnlySpan<byte> value)
    {
        if (IsConcatenation && value.Length == Length)
        {
            var parts = new string[_fields.Length];
            int at = 0;
            for (int i = 0; i < parts.Length; i++)
            {
                parts[i] = _fields[i].Format(value.Slice(at, _fields[i].Length));
                at += (_fields[i].Length + 3) & ~3;
            }

            return string.Join(" . ", parts);
        }

        if (value.Length != Length) return $"0x{Convert.ToHexStringLower(value)}";
        return Id switch
        {
            7 or 8 => IpAddress.Read(value).ToString(),
            9 => MacAddress.Read(value).ToString(),
            12 => NftText.Protocol(value[0]),
            13 => BinaryPrimitives.ReadUInt16BigEndian(value).ToString(),
            19 => $"0x{BinaryPrimitives.ReadUInt32LittleEndian(value):x8}",
            23 => ClassText(BinaryPrimitives.ReadUInt32LittleEndian(value)),
            41 => $"\"{Encoding.UTF8.GetString(value.TrimEnd((byte)0))}\"",
            _ when HostOrder && Length == 4 => BinaryPrimitives.ReadUInt32LittleEndian(value).ToString(),
            _ when Length == 1 => value[0].ToString(),
            _ => $"0x{Convert.ToHexStringLower(value)}",
        };
    }

    /// <summary>As tc writes it; the half that is 0 is left out.</summary>
    internal static string ClassText(uint classId) => classId switch
    {
        0 => "none",
        uint.MaxValue => "root",
        _ => $"{(classId >> 16 is var major and not 0 ? $"{major:x}" : "")}:{((classId & 0xffff) is var minor and not 0 ? $"{minor:x}" : "")}",
    };

    /// <summary>A range as nft prints it: a prefix where it is one, field by field in a concatenation.</summary>
    public string FormatRange(ReadOnlySpan<byte> first, ReadOnlySpan<byte> last)
    {
        if (first.SequenceEqual(last)) return Format(first);
        if (IsConcatenation && first.Length == Length && last.Length == Length)
        {
            var parts = new string[_fields.Length];
            int at = 0;
            for (int i = 0; i < parts.Length; i++)
            {
                parts[i] = _fields[i].FormatRange(first.Slice(at, _fields[i].Length), last.Slice(at, _fields[i].Length));
                at += (_fields[i].Length + 3) & ~3;
            }

            return string.Join(" . ", parts);
        }

        if (Id is 7 or 8 && first.Length == Length && last.Length == Length)
        {
            IpAddress low = IpAddress.Read(first), high = IpAddress.Read(last);
            UInt128 differing = low.Value ^ high.Value;
            if ((differing & (differing + UInt128.One)) == UInt128.Zero && (low.Value & differing) == UInt128.Zero)
                return new IpPrefix(low, low.Bits - (int)UInt128.PopCount(differing)).ToString();
        }

        return $"{Format(first)}-{Format(last)}";
    }

    public bool Equals(NftType? other) => other is not null && Id == other.Id && Length == other.Length;

    public override bool Equals(object? obj) => Equals(obj as NftType);

    public override int GetHashCode() => HashCode.Combine(Id, Length);

    public override string ToString() => Name;
}
