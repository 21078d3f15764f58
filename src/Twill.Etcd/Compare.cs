using System.Text;
using Twill.Etcd.Wire;

namespace Twill.Etcd;

/// <summary>A condition of a transaction. Source: api/etcdserverpb/rpc.proto, message Compare.</summary>
/// <remarks>With a range it holds where it holds for every key of the range, and always where the range is empty.</remarks>
public sealed record Compare
{
    private const int TargetVersion = 0, TargetCreate = 1, TargetMod = 2, TargetValue = 3;

    private Compare(KeyRange range, Comparison how, int target, long number, ReadOnlyMemory<byte> value)
    {
        Range = range;
        How = how;
        Target = target;
        Number = number;
        Value = value;
    }

    private KeyRange Range { get; }

    private Comparison How { get; }

    private int Target { get; }

    private long Number { get; }

    private ReadOnlyMemory<byte> Value { get; }

    /// <summary>There is no such key: its create revision is 0.</summary>
    public static Compare Absent(string key) => CreateRevision(KeyRange.Of(key), Comparison.Equal, 0);

    /// <summary>The key is as it was when it was read at this mod revision; 0: absent.</summary>
    public static Compare Unchanged(string key, long modRevision) => ModRevision(KeyRange.Of(key), Comparison.Equal, modRevision);

    public static Compare CreateRevision(KeyRange range, Comparison how, long revision) => new(range, how, TargetCreate, revision, default);

    public static Compare ModRevision(KeyRange range, Comparison how, long revision) => new(range, how, TargetMod, revision, default);

    public static Compare Version(KeyRange range, Comparison how, long version) => new(range, how, TargetVersion, version, default);

    /// <remarks>False where the key is absent.</remarks>
    public static Compare ValueOf(KeyRange range, Comparison how, ReadOnlyMemory<byte> value) => new(range, how, TargetValue, 0, value);

    public static Compare ValueOf(string key, string value) => ValueOf(KeyRange.Of(key), Comparison.Equal, Encoding.UTF8.GetBytes(value));

    internal void Write(ProtoWriter writer)
    {
        writer.UInt64(1, (ulong)How);
        writer.UInt64(2, (ulong)Target);
        writer.Bytes(3, Range.Key.Span);
        switch (Target)
        {
            case TargetVersion: writer.Varint(4, (ulong)Number); break;
            case TargetCreate: writer.Varint(5, (ulong)Number); break;
            case TargetMod: writer.Varint(6, (ulong)Number); break;
            default: writer.Member(7, Value.Span); break;
        }

        writer.Bytes(64, Range.End.Span);
    }
}
