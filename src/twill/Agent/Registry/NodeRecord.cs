using System.Buffers;
using System.Text.Json;
using Twill.Fabric;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Agent.Registry;

/// <summary>A node in the registry: {"schema":1,"name":"a","id":"...","addresses":["192.168.1.11/24"],"blocks":["10.244.3.0/24"]}.</summary>
/// <param name="Id">Which machine this is, the same after a restart: two machines of one name are told apart by it.</param>
internal sealed record NodeRecord(string Name, string Id, IReadOnlyList<IpPrefix> Addresses, IReadOnlyList<IpPrefix> Blocks)
{
    public ClusterNode ToNode() => new() { Name = Name, Addresses = Addresses, PodBlocks = Blocks };

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("schema"u8, RecordReader.Schema);
            json.WriteString("name"u8, Name);
            json.WriteString("id"u8, Id);
            Write(json, "addresses"u8, Addresses);
            Write(json, "blocks"u8, Blocks);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();

        static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> field, IReadOnlyList<IpPrefix> prefixes)
        {
            json.WriteStartArray(field);
            foreach (IpPrefix prefix in prefixes) json.WriteStringValue(prefix.ToString());
            json.WriteEndArray();
        }
    }

    /// <exception cref="FabricException">Not a node, or one of another name than its key's.</exception>
    public static NodeRecord Parse(string key, ReadOnlySpan<byte> value)
    {
        var reader = new RecordReader(key, value);
        string name = "", id = "";
        List<IpPrefix> addresses = [], blocks = [];
        while (reader.Next() is { } field)
        {
            switch (field)
            {
                case "name": name = reader.Text(); break;
                case "id": id = reader.Text(); break;
                case "addresses": addresses = reader.Prefixes(); break;
                case "blocks": blocks = reader.Prefixes(); break;
                default: reader.Skip(); break;
            }
        }

        reader.End();
        if (name.Length == 0 || !key.EndsWith($"/{name}", StringComparison.Ordinal)) throw new FabricException(FabricFault.Configuration, $"etcd key {key}: the record inside is of node \"{name}\"");
        foreach (IpPrefix block in blocks)
        {
            if (block.Network != block) throw new FabricException(FabricFault.Configuration, $"etcd key {key}: block {block} has host bits set");
        }

        return new NodeRecord(name, id, addresses, blocks);
    }

    public bool Equals(NodeRecord? other) => other is not null && Name == other.Name && Id == other.Id && Addresses.SequenceEqual(other.Addresses) && Blocks.SequenceEqual(other.Blocks);

    public override int GetHashCode() => HashCode.Combine(Name, Id, Addresses.Count, Blocks.Count);
}
