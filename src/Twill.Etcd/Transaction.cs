using Twill.Etcd.Wire;

namespace Twill.Etcd;

/// <summary>All of <see cref="Success"/> where every condition of <see cref="If"/> holds, else all of <see cref="Failure"/>; at one revision, or not at all.</summary>
/// <remarks>etcd takes up to 128 operations (--max-txn-ops), and no key twice.</remarks>
public sealed record Transaction
{
    public IReadOnlyList<Compare> If { get; init; } = [];

    public IReadOnlyList<EtcdOperation> Success { get; init; } = [];

    public IReadOnlyList<EtcdOperation> Failure { get; init; } = [];

    /// <summary>It changes nothing, whatever happens: it may be asked again.</summary>
    internal bool IsReadOnly => Success.Concat(Failure).All(o => o is EtcdOperation.Range);

    internal void Write(ProtoWriter writer)
    {
        foreach (Compare compare in If)
        {
            int start = writer.Begin(1);
            compare.Write(writer);
            writer.End(start);
        }

        Write(writer, 2, Success);
        Write(writer, 3, Failure);
    }

    private static void Write(ProtoWriter writer, int field, IReadOnlyList<EtcdOperation> operations)
    {
        foreach (EtcdOperation operation in operations)
        {
            int outer = writer.Begin(field), inner = writer.Begin(operation.Field);
            operation.Write(writer);
            writer.End(inner);
            writer.End(outer);
        }
    }
}
