using System.Text.Json;
using Twill.Linux.Route;

namespace Twill.Lab.State;

/// <summary>A field of a state's JSON, that knows its path, so that an error can name it.</summary>
internal readonly struct StateField(JsonElement element, string path)
{
    internal StateField Get(string name) => Find(name) ?? throw Wrong($"has no field \"{name}\"");

    /// <returns>Null: absent, or null.</returns>
    internal StateField? Find(string name)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Wrong("is not an object");
        return element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? new StateField(value, $"{path}.{name}") : null;
    }

    internal T[] List<T>(string name, Func<StateField, T> read)
    {
        StateField list = Get(name);
        return list.Items().Select(read).ToArray();
    }

    internal IEnumerable<(string Name, StateField Value)> Fields()
    {
        if (element.ValueKind != JsonValueKind.Object) throw Wrong("is not an object");
        string under = path;
        return [.. element.EnumerateObject().Select(p => (p.Name, new StateField(p.Value, $"{under}.{p.Name}")))];
    }

    internal string Text() => element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Wrong("is not a text");

    internal bool Flag() => element.ValueKind is JsonValueKind.True or JsonValueKind.False ? element.GetBoolean() : throw Wrong("is neither true nor false");

    internal int Number() => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value) ? value : throw Wrong("is not a whole number of 32 bits");

    internal long Long() => element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out long value) && value >= 0 ? value : throw Wrong("is not a whole number");

    internal byte[] Bytes() => element.ValueKind == JsonValueKind.String && element.TryGetBytesFromBase64(out byte[]? value) ? value : throw Wrong("is not base64");

    internal IpAddress Address() => IpAddress.TryParse(Text(), out IpAddress value) ? value : throw Wrong($"\"{Text()}\" is not an IP address");

    internal IpPrefix Prefix() => IpPrefix.TryParse(Text(), out IpPrefix value) ? value : throw Wrong($"\"{Text()}\" is not an address with a prefix length");

    internal MacAddress Mac() => MacAddress.TryParse(Text(), out MacAddress value) ? value : throw Wrong($"\"{Text()}\" is not a hardware address");

    internal T Enum<T>()
        where T : struct, Enum
        => System.Enum.TryParse(Text(), ignoreCase: true, out T value) ? value : throw Wrong($"\"{Text()}\" is none of {string.Join(", ", System.Enum.GetNames<T>())}");

    internal T OneOf<T>(params (string Word, T Value)[] choices)
    {
        foreach ((string word, T value) in choices)
        {
            if (word == Text()) return value;
        }

        throw Wrong($"\"{Text()}\" is none of {string.Join(", ", choices.Select(c => c.Word))}");
    }

    internal LabException Wrong(string what) => new($"{path}: {what}");

    private StateField[] Items()
    {
        if (element.ValueKind != JsonValueKind.Array) throw Wrong("is not a list");
        string under = path;
        return [.. element.EnumerateArray().Select((e, i) => new StateField(e, $"{under}[{i}]"))];
    }
}
