using System.Text;
using System.Text.Json;
using Twill.Lab;

namespace Twill.Topo.Compare;

/// <summary>Changes as lines, and as JSON.</summary>
internal static class DifferenceText
{
    internal const string Schema = "twill.dev/topo-diff/v1";

    internal static string Lines(IReadOnlyList<StateChange> changes, Style style)
    {
        if (changes.Count == 0) return "nothing changed\n";
        var text = new StringBuilder();
        foreach (StateChange change in changes)
        {
            string line = change.ToText(style.Arrow);
            text.Append(change.Sign switch { '+' => style.Good(line), '-' => style.Bad(line), _ => style.Strong(line) }).Append('\n');
        }

        return text.ToString();
    }

    internal static string Json(IReadOnlyList<StateChange> changes)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteStartArray("changes");
            foreach (StateChange change in changes)
            {
                json.WriteStartObject();
                json.WriteString("change", change.Sign switch { '+' => "added", '-' => "removed", _ => "changed" });
                json.WriteString("kind", change.Kind.EndsWith(" of", StringComparison.Ordinal) ? change.Kind[..^3] : change.Kind);
                json.WriteString("object", change.Object);
                if (change.In.Length > 0) json.WriteString("in", change.In);
                if (!string.IsNullOrEmpty(change.Was)) json.WriteString("was", change.Was);
                if (!string.IsNullOrEmpty(change.Is)) json.WriteString("is", change.Is);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}
