using Twill.Etcd.Wire;

namespace Twill.Etcd;

/// <summary>What an <see cref="EtcdOperation"/> brought.</summary>
public abstract record EtcdResult
{
    private EtcdResult()
    {
    }

    public ResponseHeader Header { get; init; }

    /// <param name="Count">Keys in the range, whatever the limit.</param>
    public sealed record Range(IReadOnlyList<KeyValue> Entries, bool More, long Count) : EtcdResult
    {
        internal static Range Read(ReadOnlySpan<byte> message)
        {
            var reader = new ProtoReader(message);
            var header = default(ResponseHeader);
            var entries = new List<KeyValue>();
            bool more = false;
            long count = 0;
            while (reader.Next())
            {
                switch (reader.Field)
                {
                    case 1: header = ResponseHeader.Read(reader.Bytes()); break;
                    case 2: entries.Add(KeyValue.Read(reader.Bytes())); break;
                    case 3: more = reader.Bool(); break;
                    case 4: count = reader.Int64(); break;
                    default: reader.Skip(); break;
                }
            }

            return new Range(entries, more, count) { Header = header };
        }
    }

    /// <param name="Previous">Null where it was not asked for, or nothing was there.</param>
    public sealed record Put(KeyValue? Previous) : EtcdResult
    {
        internal static Put Read(ReadOnlySpan<byte> message)
        {
            var reader = new ProtoReader(message);
            var header = default(ResponseHeader);
            KeyValue? previous = null;
            while (reader.Next())
            {
                switch (reader.Field)
                {
                    case 1: header = ResponseHeader.Read(reader.Bytes()); break;
                    case 2: previous = KeyValue.Read(reader.Bytes()); break;
                    default: reader.Skip(); break;
                }
            }

            return new Put(previous) { Header = header };
        }
    }

    /// <param name="Count">Keys that were there and are not any more.</param>
    public sealed record Delete(long Count, IReadOnlyList<KeyValue> Previous) : EtcdResult
    {
        internal static Delete Read(ReadOnlySpan<byte> message)
        {
            var reader = new ProtoReader(message);
            var header = default(ResponseHeader);
            var previous = new List<KeyValue>();
            long count = 0;
            while (reader.Next())
            {
                switch (reader.Field)
                {
                    case 1: header = ResponseHeader.Read(reader.Bytes()); break;
                    case 2: count = reader.Int64(); break;
                    case 3: previous.Add(KeyValue.Read(reader.Bytes())); break;
                    default: reader.Skip(); break;
                }
            }

            return new Delete(count, previous) { Header = header };
        }
    }

    /// <summary>Null: a kind of answer to none of our questions.</summary>
    internal static EtcdResult? ReadOperation(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        EtcdResult? result = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: result = Range.Read(reader.Bytes()); break;
                case 2: result = Put.Read(reader.Bytes()); break;
                case 3: result = Delete.Read(reader.Bytes()); break;
                default: reader.Skip(); break;
            }
        }

        return result;
    }
}
