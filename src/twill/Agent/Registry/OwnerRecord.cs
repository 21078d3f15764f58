using System.Buffers;
using System.Text.Json;

namespace Twill.Agent.Registry;

/// <summary>Which node a block or an address belongs to: {"schema":1,"node":"a"}.</summary>
internal sealed record OwnerRecord(string Node)
{
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("schema"u8, RecordReader.Schema);
            json.WriteString("node"u8, Node);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="Twill.Fabric.FabricException">Not such a record.</exception>
    public static OwnerRecord Parse(string key, ReadOnlySpan<byte> value)
    {
        var reader = new RecordReader(key, value);
        string node = "";
        while (reader.Next() is { } field)
        {
            if (field == "node") node = reader.Text();
            else reader.Skip();
        }

        reader.End();
        return node.Length > 0 ? new OwnerRecord(node) : throw reader.Bad("has no \"node\"");
    }
}
