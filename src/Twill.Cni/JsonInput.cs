using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Twill.Cni;

/// <summary>
/// Reads one JSON document forward, knows where it is ("ipam.ranges[0][1].subnet"), and fails only with a <see cref="CniException"/>:
/// code 6 where the text is not JSON, code 7 with field and value where the JSON is not what we need.
/// </summary>
/// <remarks>
/// A property whose value is null counts as absent, as Go's encoding/json treats it. A method that reads a value leaves the
/// reader on that value's last token. Depth is bounded by 64; the size is bounded by whoever read the bytes.
/// </remarks>
internal ref struct JsonInput
{
    public const int MaxDepth = 64;
    private const int MaxShownBytes = 80;

    private readonly ReadOnlySpan<byte> _utf8;
    private readonly string _root;
    private Utf8JsonReader _json;
    private (string? Key, int Index)[] _path;
    private int _depth;

    /// <param name="utf8">The whole document.</param>
    /// <param name="root">The name of the document in messages; empty for the configuration itself.</param>
    /// <exception cref="CniException">Code 6: not UTF-8, or not even a first token.</exception>
    public JsonInput(ReadOnlySpan<byte> utf8, string root)
    {
        _utf8 = utf8;
        _root = root;
        _path = new (string?, int)[8];
        _json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!Utf8.IsValid(utf8))
            throw NotJson("the text is not valid UTF-8");
        Read();
    }

    public readonly bool IsObject => _json.TokenType == JsonTokenType.StartObject;

    public readonly bool IsString => _json.TokenType == JsonTokenType.String;

    /// <summary>Steps into an object.</summary>
    public void Object()
    {
        if (_json.TokenType != JsonTokenType.StartObject)
            throw Invalid("expected an object");
        Push();
    }

    /// <summary>Moves to the next property that is not null; false, and out of the object, at its end.</summary>
    public bool NextKey(out string key)
    {
        while (true)
        {
            Read();
            if (_json.TokenType == JsonTokenType.EndObject)
            {
                _depth--;
                key = "";
                return false;
            }

            key = Text();
            _path[_depth - 1].Key = key;
            Read();
            if (_json.TokenType != JsonTokenType.Null)
                return true;
        }
    }

    /// <summary>Steps into an array.</summary>
    public void Array()
    {
        if (_json.TokenType != JsonTokenType.StartArray)
            throw Invalid("expected a list");
        Push();
    }

    /// <summary>Moves to the next element; false, and out of the array, at its end.</summary>
    public bool NextItem()
    {
        Read();
        if (_json.TokenType == JsonTokenType.EndArray)
        {
            _depth--;
            return false;
        }

        _path[_depth - 1].Index++;
        return true;
    }

    public string String() => _json.TokenType == JsonTokenType.String ? Text() : throw Invalid("expected a string");

    /// <summary>A string, or null where it is empty: Go writes and reads both alike.</summary>
    public string? StringOrNull()
    {
        var text = String();
        return text.Length == 0 ? null : text;
    }

    public readonly bool Bool() => _json.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Invalid("expected true or false"),
    };

    public readonly int Int32(int min, int max) => (int)Int64(min, max);

    public readonly uint UInt32() => (uint)Int64(0, uint.MaxValue);

    public readonly long Int64(long min, long max)
    {
        if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out var value) || value < min || value > max)
            throw Invalid($"expected a whole number from {min} to {max}");
        return value;
    }

    public readonly ulong UInt64()
    {
        if (_json.TokenType != JsonTokenType.Number || !_json.TryGetUInt64(out var value))
            throw Invalid("expected a whole number, not negative and below 2^64");
        return value;
    }

    /// <summary>An address; null where the string is empty.</summary>
    public IPAddress? AddressOrNull()
    {
        var text = String();
        if (text.Length == 0)
            return null;
        return IpCidr.TryParseAddress(text, out var address) ? address : throw Invalid("expected an IP address such as 10.1.2.3 or fd00::3");
    }

    /// <summary>An address with its prefix length; host bits may be set.</summary>
    public IpCidr Cidr() =>
        IpCidr.TryParse(String(), out var cidr) ? cidr : throw Invalid("expected an address with a prefix length such as 10.1.2.0/24 or fd00::/64");

    /// <summary>A network: host bits must be zero.</summary>
    public IpCidr NetworkCidr()
    {
        var cidr = Cidr();
        return cidr.HasHostBits ? throw Invalid($"has host bits set; the network is {cidr.Network}") : cidr;
    }

    /// <summary>A network, or a single address as the network of that address alone.</summary>
    public IpCidr NetworkCidrOrAddress() =>
        IpCidr.TryParseAddress(String(), out var address) ? IpCidr.Of(address) : NetworkCidr();

    public IReadOnlyList<string> Strings()
    {
        var list = new List<string>();
        Array();
        while (NextItem())
            list.Add(String());
        return list;
    }

    public IReadOnlyList<IpCidr> NetworkCidrs(bool orAddresses = false)
    {
        var list = new List<IpCidr>();
        Array();
        while (NextItem())
            list.Add(orAddresses ? NetworkCidrOrAddress() : NetworkCidr());
        return list;
    }

    public void Skip()
    {
        try
        {
            _json.Skip();
        }
        catch (JsonException e)
        {
            throw NotJson(e);
        }
    }

    /// <summary>Skips the value and says where in the document it is.</summary>
    public Range Slice()
    {
        var start = (int)_json.TokenStartIndex;
        Skip();
        return start..(int)_json.BytesConsumed;
    }

    /// <summary>Nothing but white space may follow the document's value.</summary>
    public void End()
    {
        try
        {
            if (_json.Read())
                throw NotJson("more than one value");
        }
        catch (JsonException e)
        {
            throw NotJson(e);
        }
    }

    /// <summary>Code 7 for the value the reader stands on, or for the object or list it has just left.</summary>
    public readonly CniException Invalid(string why)
    {
        var path = Path();
        var value = _json.TokenType switch
        {
            JsonTokenType.EndObject or JsonTokenType.EndArray => "",
            JsonTokenType.StartObject => "{...}",
            JsonTokenType.StartArray => "[...]",
            JsonTokenType.String => $"\"{Shown(_json.ValueSpan)}\"",
            _ => Shown(_json.ValueSpan),
        };
        var subject = path.Length == 0 ? value : value.Length == 0 ? path : $"{path} {value}";
        return new CniException(CniErrorCode.InvalidConfig, $"invalid network configuration: {subject}: {why}");
    }

    private static string Shown(ReadOnlySpan<byte> utf8) =>
        CniException.Shorten(Encoding.UTF8.GetString(utf8.Length <= MaxShownBytes ? utf8 : utf8[..MaxShownBytes]) + (utf8.Length <= MaxShownBytes ? "" : "..."));

    private readonly string Path()
    {
        var text = new StringBuilder(_root);
        for (var i = 0; i < _depth; i++)
        {
            var (key, index) = _path[i];
            if (key is not null)
                (text.Length == 0 ? text : text.Append('.')).Append(CniException.Shorten(key));
            else if (index >= 0)
                text.Append('[').Append(index).Append(']');
        }

        return text.ToString();
    }

    private void Push()
    {
        if (_depth == _path.Length)
            System.Array.Resize(ref _path, _depth * 2);
        _path[_depth++] = (null, -1);
    }

    private void Read()
    {
        try
        {
            if (!_json.Read())
                throw NotJson("the text ends too early");
        }
        catch (JsonException e)
        {
            throw NotJson(e);
        }
    }

    private readonly string Text()
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as \ud800: no text in UTF-8.
            throw NotJson($"a string at byte {_json.TokenStartIndex} is not valid Unicode");
        }
    }

    private readonly CniException NotJson(JsonException e) =>
        _utf8.IsEmpty ? NotJson("") : new(CniErrorCode.DecodingFailure, $"{What} is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}", e.Message, e);

    private readonly CniException NotJson(string why) => new(CniErrorCode.DecodingFailure, $"{What} is not JSON: {(_utf8.IsEmpty ? "it is empty" : why)}");

    private readonly string What => _root.Length == 0 ? "the network configuration on stdin" : _root;
}
