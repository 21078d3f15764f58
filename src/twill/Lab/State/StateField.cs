using System.Text.Json;
using Twill.Linux.Route;

namespace Twill.Lab.State;

/// <summary>A field of a state's JSON, that knows its path, so that an error can name it.</summary>
internal sealed class StateField(JsonElement element, string path)
{
    private JsonElement Json => element;

    private string Path => path;

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
        if (list.Json.ValueKind != JsonValueKind.Array) throw list.Wrong("is not a list");
        var items = new List<T>();
        foreach (JsonElement item in list.Json.EnumerateArray()) items.Add(read(new StateField(item, $"{list.Path}[{items.Count}]")));
        return [.. items];
    }

    /// <summary>An object whose values are texts.</summary>
    internal Dictionary<string, string> Texts()
    {
        if (element.ValueKind != JsonValueKind.Object) throw Wrong("is not an object");
        var texts = new Dictionary<string, string>();
        foreach (JsonProperty field in element.EnumerateObject()) texts[field.Name] = new StateField(field.Value, $"{path}.{field.Name}").Text();
        return texts;
    }

    internal string Text() => element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Wrong("is not a text");

    internal bool Flag() => element.ValueKind is JsonValueKind.True or JsonValueKind.False ? element.GetBoolean() : throw Wrong("is neither true nor false");

    internal int Number() => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value) ? value : throw Wrong("is not a whole number of 32 bits");

    internal long Long() => element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out long value) && value >= 0 ? value : throw Wrong("is not a whole number");

    internal byte[] Bytes() => element.ValueKind == JsonValueKind.String && element.TryGetBytesFromBase64(out byte[]? value) ? value : throw Wrong("is not base64");

    internal IpAddress Address() => IpAddress.TryParse(Text(), out IpAddress value) ? value : throw Wrong($"\"{Text()}\" is not an IP address");

    internal IpPrefix Prefix() => IpPrefix.TryParse(Text(), out IpPrefix value) ? value : throw Wrong($"\"{Text()}\" is not an address with a prefix length");

    internal MacAddress Mac() => MacAddress.TryParse(Text(), out MacAddress value) ? value : throw Wrong($"\"{Text()}\" is not a hardware address");

    /// <summary>A value of an enumeration by its name; not generic, which would be compiled anew for each.</summary>
    internal object Named(Type type) => Enum.TryParse(type, Text(), ignoreCase: true, out object? value) ? value : throw Wrong($"\"{Text()}\" is none of {string.Join(", ", Enum.GetNames(type))}");

    /// <returns>Which of the words it is.</returns>
    internal int OneOf(params string[] words)
    {
        int index = Array.IndexOf(words, Text());
        return index >= 0 ? index : throw Wrong($"\"{Text()}\" is none of {string.Join(", ", words)}");
    }

    internal LabException Wrong(string what) => new($"{path}: {what}");
}
