using System.Text;
using System.Text.Json;

namespace Twill.Cli;

/// <summary>What `-o json` prints: one object, indented for people, with a line's end for shells.</summary>
internal static class JsonAnswer
{
    /// <param name="fields">The object's, the schema first.</param>
    internal static string Write(Action<Utf8JsonWriter> fields)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    internal static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
