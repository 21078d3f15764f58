using System.Text.Json;
using Twill.Fabric;
using Twill.Linux.Route;

namespace Twill.Agent.Registry;

/// <summary>Reads one JSON object of the registry. Unknown fields are skipped; errors name the key in etcd and the field.</summary>
internal ref struct RecordReader
{
    /// <summary>The layout that this version writes, and the newest that it reads.</summary>
    public const int Schema = 1;

    private readonly string _key;
    private Utf8JsonReader _json;
    private string _field = "";

    /// <exception cref="FabricException">Not an object.</exception>
    public RecordReader(string key, ReadOnlySpan<byte> json)
    {
        _key = key;
        _json = new Utf8JsonReader(json);
        Read();
        if (_json.TokenType != JsonTokenType.StartObject) throw Bad("is no JSON object");
    }

    /// <summary>Moves to the next field of this object, and checks "schema" on the way; null at the object's end.</summary>
    public string? Next()
    {
        while (true)
        {
            Read();
            if (_json.TokenType == JsonTokenType.EndObject) return null;
            _field = GetString();
            Read();
            if (_field != "schema") return _field;
            int schema = Number();
            if (schema > Schema) throw Bad($"was written by a newer version (schema {schema}, this one knows {Schema}): upgrade this node");
        }
    }

    public string Text() => _json.TokenType == JsonTokenType.String ? GetString() : throw Bad("is no text");

    public int Number() => _json.TokenType == JsonTokenType.Number && _json.TryGetInt32(out int number) ? number : throw Bad("is no number");

    public IpPrefix Prefix() => IpPrefix.TryParse(Text(), out IpPrefix prefix) ? prefix : throw Bad("is no address with a prefix length");

    public List<IpPrefix> Prefixes()
    {
        var list = new List<IpPrefix>();
        Array();
        while (NextItem()) list.Add(Prefix());
        return list;
    }

    public void Array()
    {
        if (_json.TokenType != JsonTokenType.StartArray) throw Bad("is no list");
    }

    /// <summary>Moves to the next element of a list; false at its end.</summary>
    public bool NextItem()
    {
        Read();
        return _json.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Steps into an object that is an element or a value.</summary>
    public readonly void Object()
    {
        if (_json.TokenType != JsonTokenType.StartObject) throw Bad("is no object");
    }

    public void Skip()
    {
        try
        {
            _json.Skip();
        }
        catch (JsonException e)
        {
            throw Broken(e);
        }
    }

    /// <exception cref="FabricException">Something follows the object.</exception>
    public void End()
    {
        try
        {
            if (_json.Read()) throw Bad("has something behind its end");
        }
        catch (JsonException e)
        {
            throw Broken(e);
        }
    }

    public readonly FabricException Bad(string why) => new(FabricFault.Configuration, $"etcd key {_key}: {(_field.Length > 0 ? $"\"{_field}\" " : "")}{why}");

    private readonly string GetString()
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Bad("is no valid Unicode");
        }
    }

    private void Read()
    {
        try
        {
            if (!_json.Read()) throw Bad("is cut");
        }
        catch (JsonException e)
        {
            throw Broken(e);
        }
    }

    private readonly FabricException Broken(JsonException e) => new(FabricFault.Configuration, $"etcd key {_key}: is not JSON: {e.Message}");
}
