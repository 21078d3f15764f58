using System.Text;

namespace Twill.Linux.Nft;

/// <summary>The userdata of nftables objects: type, length and value, one byte each for the first two. nft shows what it finds there.</summary>
/// <remarks>Source: libnftnl, include/libnftnl/udata.h; the kernel keeps up to 256 bytes without looking at them.</remarks>
internal static class NftUserData
{
    // One number for tables, chains, rules and elements; sets have another.
    internal const byte Comment = 0, SetComment = 7;
    internal const byte SetKeyByteOrder = 0, SetDataByteOrder = 1, SetMergeElements = 2, SetKeyTypeof = 3, SetDataTypeof = 4;
    internal const byte ElementFlags = 1;
    internal const int MaxCommentBytes = 128 - 1;

    internal static ReadOnlySpan<byte> OpenInterval => [ElementFlags, 4, 1, 0, 0, 0];

    /// <summary>Writes a comment with its NUL.</summary>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException">More than nft's limit of 127 bytes.</exception>
    internal static int WriteComment(Span<byte> target, byte type, string comment)
    {
        int length = Encoding.UTF8.GetByteCount(comment);
        if (length > MaxCommentBytes) throw new ArgumentException($"nftables comment of {length} bytes, at most {MaxCommentBytes}: \"{comment}\"", nameof(comment));
        target[0] = type;
        target[1] = (byte)(length + 1);
        Encoding.UTF8.GetBytes(comment, target[2..]);
        target[2 + length] = 0;
        return length + 3;
    }

    internal static int WriteU32(Span<byte> target, byte type, uint value)
    {
        target[0] = type;
        target[1] = 4;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(target[2..], value);
        return 6;
    }

    internal static int WriteBytes(Span<byte> target, byte type, ReadOnlySpan<byte> value)
    {
        target[0] = type;
        target[1] = checked((byte)value.Length);
        value.CopyTo(target[2..]);
        return 2 + value.Length;
    }

    /// <summary>The value of the first entry of this type. Others wrote it: a broken entry ends the search, it is no error.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> data, byte type, out ReadOnlySpan<byte> value)
    {
        value = default;
        while (data.Length >= 2 && data.Length >= 2 + data[1])
        {
            value = data.Slice(2, data[1]);
            if (data[0] == type) return true;
            data = data[(2 + data[1])..];
        }

        value = default;
        return false;
    }

    internal static string? FindComment(ReadOnlySpan<byte> data, byte type = Comment)
    {
        if (!TryFind(data, type, out ReadOnlySpan<byte> value)) return null;
        int end = value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
    }
}
