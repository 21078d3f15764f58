using System.Text;
using Twill.Etcd.Wire;

namespace Twill.Etcd;

/// <summary>One key, or all keys from one up to another.</summary>
/// <param name="End">Exclusive; empty: only <paramref name="Key"/>; one zero byte: no end.</param>
public readonly record struct KeyRange(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> End)
{
    public static KeyRange All { get; } = new(new byte[] { 0 }, new byte[] { 0 });

    public static KeyRange Of(string key) => new(Encoding.UTF8.GetBytes(key), default);

    /// <summary>All keys that begin so; an empty prefix is <see cref="All"/>.</summary>
    public static KeyRange Prefix(string prefix)
    {
        byte[] key = Encoding.UTF8.GetBytes(prefix);
        if (key.Length == 0) return All;
        // The first key behind them all; bytes 0xff do not occur in UTF-8, so the last byte can always be raised.
        byte[] end = [.. key];
        end[^1]++;
        return new KeyRange(key, end);
    }

    /// <summary>The same end, beginning right behind a key.</summary>
    public KeyRange After(ReadOnlyMemory<byte> key)
    {
        byte[] next = new byte[key.Length + 1];
        key.CopyTo(next);
        return this with { Key = next };
    }

    public override string ToString() => End.IsEmpty ? Encoding.UTF8.GetString(Key.Span) : $"{Encoding.UTF8.GetString(Key.Span)}*";

    internal void Write(ProtoWriter writer)
    {
        writer.Bytes(1, Key.Span);
        writer.Bytes(2, End.Span);
    }
}
