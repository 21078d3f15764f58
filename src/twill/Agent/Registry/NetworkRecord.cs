using System.Buffers;
using System.Text.Json;
using Twill.Fabric;
using Twill.Fabric.Ipam;
using Twill.Linux.Route;

namespace Twill.Agent.Registry;

/// <summary>The cluster's pools, the same for every node: {"schema":1,"pools":[{"cidr":"10.244.0.0/16","block":24,"reserved":["10.244.0.0/24"]}]}.</summary>
/// <remarks>A node gets one block of each family, from the first pool of that family that has one left.</remarks>
internal sealed record NetworkRecord(IReadOnlyList<BlockPool> Pools)
{
    /// <exception cref="FabricException">No pool, or two that overlap.</exception>
    public static NetworkRecord Create(IReadOnlyList<BlockPool> pools)
    {
        if (pools.Count == 0) throw new FabricException(FabricFault.Configuration, "the cluster has no range for pods: name at least one, e.g. 10.244.0.0/16");
        for (int i = 0; i < pools.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (pools[i].Cidr.Overlaps(pools[j].Cidr)) throw new FabricException(FabricFault.Configuration, $"cluster ranges {pools[j].Cidr} and {pools[i].Cidr} overlap: keep one of them");
            }
        }

        return new NetworkRecord(pools);
    }

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("schema"u8, RecordReader.Schema);
            json.WriteStartArray("pools"u8);
            foreach (BlockPool pool in Pools)
            {
                json.WriteStartObject();
                json.WriteString("cidr"u8, pool.Cidr.ToString());
                json.WriteNumber("block"u8, pool.BlockLength);
                json.WriteStartArray("reserved"u8);
                foreach (IpPrefix prefix in pool.Reserved) json.WriteStringValue(prefix.ToString());
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="FabricException">Not such a record, or pools that cannot be.</exception>
    public static NetworkRecord Parse(string key, ReadOnlySpan<byte> value)
    {
        var reader = new RecordReader(key, value);
        var pools = new List<BlockPool>();
        while (reader.Next() is { } field)
        {
            if (field != "pools")
            {
                reader.Skip();
                continue;
            }

            reader.Array();
            while (reader.NextItem()) pools.Add(ParsePool(ref reader));
        }

        reader.End();
        return Create(pools);
    }

    private static BlockPool ParsePool(ref RecordReader reader)
    {
        reader.Object();
        IpPrefix? cidr = null;
        int block = -1;
        List<IpPrefix> reserved = [];
        while (reader.Next() is { } field)
        {
            switch (field)
            {
                case "cidr": cidr = reader.Prefix(); break;
                case "block": block = reader.Number(); break;
                case "reserved": reserved = reader.Prefixes(); break;
                default: reader.Skip(); break;
            }
        }

        return cidr is { } range && block >= 0 ? BlockPool.Create(range, block, reserved) : throw reader.Bad("is a pool without \"cidr\" or \"block\"");
    }

    public bool Equals(NetworkRecord? other) => other is not null && ToJson().AsSpan().SequenceEqual(other.ToJson());

    public override int GetHashCode() => Pools.Count;

    public override string ToString() => string.Join(", ", Pools);
}
