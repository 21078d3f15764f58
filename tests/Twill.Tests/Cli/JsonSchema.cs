using System.Text.Json;
using System.Text.RegularExpressions;

namespace Twill.Tests.Cli;

/// <summary>
/// The part of JSON Schema 2020-12 that docs/schema uses. Stricter in two ways: a field that the schema does not name is an error,
/// so that nothing is printed undocumented, and so is a word of the schema that is not understood here.
/// </summary>
internal sealed class JsonSchema(JsonElement root)
{
    private const int MaxDepth = 32;

    private static readonly string[] s_understood =
    [
        "$schema", "$defs", "$ref", "title", "description", "type", "required", "properties", "additionalProperties", "items", "enum", "const", "pattern", "minimum", "maximum", "minItems",
    ];

    /// <returns>What is wrong, "$.nodes[1].mtu: expected integer, is string"; empty: it is valid.</returns>
    internal IReadOnlyList<string> Validate(JsonElement value)
    {
        var faults = new List<string>();
        Check(root, value, "$", faults, 0);
        return faults;
    }

    private void Check(JsonElement schema, JsonElement value, string path, List<string> faults, int depth)
    {
        if (depth > MaxDepth) throw new InvalidOperationException($"{path}: deeper than {MaxDepth}; does a $ref name itself?");
        foreach (JsonProperty word in schema.EnumerateObject())
        {
            switch (word.Name)
            {
                case "$ref": Check(Definition(word.Value.GetString()!), value, path, faults, depth + 1); break;
                case "type": Type(word.Value, value, path, faults); break;
                case "const": if (!JsonElement.DeepEquals(word.Value, value)) faults.Add($"{path}: expected {word.Value.GetRawText()}, is {value.GetRawText()}"); break;
                case "enum": if (!word.Value.EnumerateArray().Any(e => JsonElement.DeepEquals(e, value))) faults.Add($"{path}: expected one of {word.Value.GetRawText()}, is {value.GetRawText()}"); break;
                case "pattern": if (value.ValueKind == JsonValueKind.String && !Regex.IsMatch(value.GetString()!, word.Value.GetString()!)) faults.Add($"{path}: \"{value.GetString()}\" is not of the form {word.Value.GetString()}"); break;
                case "minimum": if (value.ValueKind == JsonValueKind.Number && value.GetDouble() < word.Value.GetDouble()) faults.Add($"{path}: {value.GetRawText()} is less than {word.Value.GetRawText()}"); break;
                case "maximum": if (value.ValueKind == JsonValueKind.Number && value.GetDouble() > word.Value.GetDouble()) faults.Add($"{path}: {value.GetRawText()} is more than {word.Value.GetRawText()}"); break;
                case "minItems": if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() < word.Value.GetInt32()) faults.Add($"{path}: fewer than {word.Value.GetInt32()}"); break;
                case "required": if (value.ValueKind == JsonValueKind.Object) faults.AddRange(word.Value.EnumerateArray().Where(r => !value.TryGetProperty(r.GetString()!, out _)).Select(r => $"{path}.{r.GetString()}: missing")); break;
                case "items": Items(word.Value, value, path, faults, depth); break;
                case "properties": Properties(schema, word.Value, value, path, faults, depth); break;
                default: if (!s_understood.Contains(word.Name)) throw new InvalidOperationException($"{path}: the schema says \"{word.Name}\", which JsonSchema.cs does not understand yet"); break;
            }
        }
    }

    private void Items(JsonElement items, JsonElement value, string path, List<string> faults, int depth)
    {
        if (value.ValueKind != JsonValueKind.Array) return;
        int i = 0;
        foreach (JsonElement item in value.EnumerateArray()) Check(items, item, $"{path}[{i++}]", faults, depth + 1);
    }

    private void Properties(JsonElement schema, JsonElement properties, JsonElement value, string path, List<string> faults, int depth)
    {
        if (value.ValueKind != JsonValueKind.Object) return;
        foreach (JsonProperty field in value.EnumerateObject())
        {
            string at = $"{path}.{field.Name}";
            if (properties.TryGetProperty(field.Name, out JsonElement known)) Check(known, field.Value, at, faults, depth + 1);
            else if (schema.TryGetProperty("additionalProperties", out JsonElement others) && others.ValueKind == JsonValueKind.Object) Check(others, field.Value, at, faults, depth + 1);
            else faults.Add($"{at}: not in the schema");
        }
    }

    private JsonElement Definition(string reference)
    {
        const string Here = "#/$defs/";
        return reference.StartsWith(Here, StringComparison.Ordinal) && root.GetProperty("$defs").TryGetProperty(reference[Here.Length..], out JsonElement definition)
            ? definition
            : throw new InvalidOperationException($"the schema refers to {reference}, which it does not define");
    }

    private static void Type(JsonElement type, JsonElement value, string path, List<string> faults)
    {
        string[] types = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(t => t.GetString()!)] : [type.GetString()!];
        if (!types.Any(t => Is(t, value))) faults.Add($"{path}: expected {string.Join(" or ", types)}, is {value.GetRawText()}");
    }

    private static bool Is(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        _ => throw new InvalidOperationException($"\"{type}\" is no type of JSON Schema"),
    };
}
