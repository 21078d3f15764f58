using Twill.Etcd.Wire;

namespace Twill.Etcd.Watch;

/// <summary>A change of one key. Source: api/mvccpb/kv.proto, message Event.</summary>
/// <param name="IsDelete">The key is gone: <paramref name="Entry"/> has its name and the revision of its end only.</param>
/// <param name="Previous">Null where it was not asked for, did not exist, or has been compacted.</param>
public sealed record WatchEvent(bool IsDelete, KeyValue Entry, KeyValue? Previous)
{
    internal static WatchEvent Read(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        bool isDelete = false;
        KeyValue? entry = null, previous = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    isDelete = reader.UInt64() switch
                    {
                        0 => false,
                        1 => true,
                        ulong kind => throw new ProtoException($"an event of kind {kind}, neither PUT nor DELETE"),
                    };
                    break;
                case 2: entry = KeyValue.Read(reader.Bytes()); break;
                case 3: previous = KeyValue.Read(reader.Bytes()); break;
                default: reader.Skip(); break;
            }
        }

        return new WatchEvent(isDelete, entry ?? throw new ProtoException("an event without a key"), previous);
    }
}
