using System.Text;
using Twill.Etcd.Wire;

namespace Twill.Etcd;

/// <summary>One thing to do with keys, alone or in a transaction. Source: api/etcdserverpb/rpc.proto.</summary>
public abstract record EtcdOperation
{
    private EtcdOperation()
    {
    }

    /// <summary>Number of the field in RequestOp, and of the answer's in ResponseOp.</summary>
    internal abstract int Field { get; }

    internal abstract void Write(ProtoWriter writer);

    /// <summary>Reads keys.</summary>
    public sealed record Range(KeyRange Keys) : EtcdOperation
    {
        /// <summary>At most so many; 0: all.</summary>
        public long Limit { get; init; }

        /// <summary>As of this revision; 0: now.</summary>
        public long Revision { get; init; }

        /// <summary>From the member's own memory, perhaps stale; else confirmed by a majority.</summary>
        public bool Serializable { get; init; }

        public bool KeysOnly { get; init; }

        public bool CountOnly { get; init; }

        internal override int Field => 1;

        internal override void Write(ProtoWriter writer)
        {
            Keys.Write(writer);
            writer.Int64(3, Limit);
            writer.Int64(4, Revision);
            writer.Bool(7, Serializable);
            writer.Bool(8, KeysOnly);
            writer.Bool(9, CountOnly);
        }
    }

    /// <summary>Puts a value, whatever was there.</summary>
    public sealed record Put(string Key, ReadOnlyMemory<byte> Value) : EtcdOperation
    {
        public Put(string key, string value)
            : this(key, Encoding.UTF8.GetBytes(value))
        {
        }

        /// <summary>Dies with this lease; 0: stays.</summary>
        public long Lease { get; init; }

        /// <summary>Ask for what was there.</summary>
        public bool WithPrevious { get; init; }

        internal override int Field => 2;

        internal override void Write(ProtoWriter writer)
        {
            writer.Text(1, Key);
            writer.Bytes(2, Value.Span);
            writer.Int64(3, Lease);
            writer.Bool(4, WithPrevious);
        }
    }

    /// <summary>Deletes keys; none there is fine.</summary>
    public sealed record Delete(KeyRange Keys) : EtcdOperation
    {
        public bool WithPrevious { get; init; }

        internal override int Field => 3;

        internal override void Write(ProtoWriter writer)
        {
            Keys.Write(writer);
            writer.Bool(3, WithPrevious);
        }
    }
}
