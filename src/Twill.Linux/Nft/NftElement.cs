using Twill.Linux.Route;

namespace Twill.Linux.Nft;

/// <summary>One element of a set or map, or with <see cref="Last"/> a range of them.</summary>
public sealed record NftElement(NftBytes Key)
{
    /// <summary>The last key of the range, itself included; null: one key.</summary>
    public NftBytes? Last { get; init; }

    /// <summary>What the key maps to.</summary>
    public NftBytes? Data { get; init; }

    /// <summary>What the key maps to in a verdict map.</summary>
    public NftVerdict? Verdict { get; init; }

    /// <summary>Own time to live in milliseconds; 0: the set's default.</summary>
    public ulong TimeoutMs { get; init; }

    /// <summary>Time left in milliseconds; 0 unless read.</summary>
    public ulong ExpiresMs { get; init; }

    /// <summary>At most 127 bytes.</summary>
    public string? Comment { get; init; }

    /// <summary>Matches what no other element does (5.13). Its key is empty.</summary>
    public bool CatchAll { get; init; }

    /// <summary>Packets and bytes, where the set counts; null unless read.</summary>
    public (ulong Packets, ulong Bytes)? Counted { get; init; }

    public static NftElement Of(params ReadOnlySpan<NftBytes> fields) => new(fields.Length == 1 ? fields[0] : NftBytes.Concat(fields));

    public static NftElement Of(IpAddress address) => new(NftBytes.Of(address));

    /// <summary>All addresses of the prefix, for sets with intervals.</summary>
    public static NftElement Of(IpPrefix prefix) => new(NftBytes.Of(prefix.First)) { Last = NftBytes.Of(prefix.Last) };

    public static NftElement Range(NftBytes first, NftBytes last) => new(first) { Last = last };

    public static NftElement Else() => new(default(NftBytes)) { CatchAll = true };

    public NftElement To(NftBytes data) => this with { Data = data };

    public NftElement To(NftVerdict verdict) => this with { Verdict = verdict };

    /// <summary>As nft prints it in a set of these types.</summary>
    public string ToText(NftSet set)
    {
        string text = CatchAll ? "*" : Last is { } last ? set.Key.FormatRange(Key.Span, last.Span) : set.Key.Format(Key.Span);
        if (TimeoutMs != 0) text += $" timeout {NftText.Duration(TimeoutMs)}";
        if (Comment is not null) text += $" comment \"{Comment}\"";
        if (Verdict is { } verdict) text += $" : {verdict}";
        else if (Data is { } data && set.Data is { } type) text += $" : {type.Format(data.Span)}";
        return text;
    }

    /// <summary>The number after a big-endian one, in place.</summary>
    /// <returns>False when there is none: all bits were set.</returns>
    internal static bool Increment(Span<byte> number)
    {
        for (int i = number.Length - 1; i >= 0; i--)
        {
            if (++number[i] != 0) return true;
        }

        return false;
    }

    /// <summary>The number before a big-endian one, in place.</summary>
    internal static void Decrement(Span<byte> number)
    {
        for (int i = number.Length - 1; i >= 0; i--)
        {
            if (number[i]-- != 0) return;
        }
    }

    internal static int Compare(in NftBytes a, in NftBytes b) => a.Span.SequenceCompareTo(b.Span);
}
