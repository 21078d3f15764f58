using System.Text;
using Twill.Etcd.Wire;

namespace Twill.Etcd;

/// <summary>A key as it stands at some revision. Source: api/mvccpb/kv.proto.</summary>
public sealed record KeyValue
{
    public ReadOnlyMemory<byte> Key { get; init; }

    public ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>Revision at which the key came into being, this time.</summary>
    public long CreateRevision { get; init; }

    /// <summary>Revision of the last change.</summary>
    public long ModRevision { get; init; }

    /// <summary>Changes since it came into being; 0 in the event of its deletion.</summary>
    public long Version { get; init; }

    /// <summary>The lease it dies with; 0: none.</summary>
    public long Lease { get; init; }

    public string KeyText => Encoding.UTF8.GetString(Key.Span);

    internal static KeyValue Read(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        byte[] key = [], value = [];
        long create = 0, mod = 0, version = 0, lease = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: key = reader.Bytes().ToArray(); break;
                case 2: create = reader.Int64(); break;
                case 3: mod = reader.Int64(); break;
                case 4: version = reader.Int64(); break;
                case 5: value = reader.Bytes().ToArray(); break;
                case 6: lease = reader.Int64(); break;
                default: reader.Skip(); break;
            }
        }

        return new KeyValue { Key = key, Value = value, CreateRevision = create, ModRevision = mod, Version = version, Lease = lease };
    }
}
