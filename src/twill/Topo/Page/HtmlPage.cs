using System.Text;
using System.Text.Json;
using Twill.Cli;
using Twill.Lab.State;
using Twill.Topo.Draw;
using Twill.Topo.Scene;

namespace Twill.Topo.Page;

/// <summary>The picture as a page that can be moved, searched and asked: one file, nothing fetched, the whole state inside.</summary>
internal static class HtmlPage
{
    internal static string Draw(LabState state, Topology topology, LayoutOptions options)
    {
        // The page's own head has the line.
        Picture picture = TopologyLayout.Draw(topology, options with { Headline = topology.Nodes.Count == 0 });
        string template = Resource.Text("Topo/page.html");
        var page = new StringBuilder(template.Length * 4);
        int at = 0;
        while (true)
        {
            // @name@ stands for a part of the page; nothing else in the template has two @ around letters.
            int start = template.IndexOf('@', at), end = start < 0 ? -1 : template.IndexOf('@', start + 1);
            if (end < 0) return page.Append(template, at, template.Length - at).ToString();
            string? part = Part(template[(start + 1)..end], state, topology, picture);
            if (part is null)
            {
                page.Append(template, at, start + 1 - at);
                at = start + 1;
                continue;
            }

            page.Append(template, at, start - at).Append(part);
            at = end + 1;
        }
    }

    private static string? Part(string name, LabState state, Topology topology, Picture picture) => name switch
    {
        "title" => "Pod network",
        "headline" => SvgDrawing.Escape(TopologyLayout.Headline(topology)),
        "state" => topology.Problems.Count switch { 0 => "all good", 1 => "1 problem", int n => $"{n} problems" },
        "bad" => topology.Problems.Count == 0 ? "" : " bad",
        "style" => SvgStyle.Css,
        "svg" => SvgDrawing.Inline(picture, topology),
        "things" => Things(topology),
        "snapshot" => LabStateJson.Write(state, indented: false).TrimEnd(),
        "script" => Resource.Text("Topo/page.js").TrimEnd(),
        _ => null,
    };

    /// <summary>What the panel shows. The writer escapes what would end a script.</summary>
    private static string Things(Topology topology)
    {
        ILookup<string, TopologyProblem> problems = topology.Problems.ToLookup(p => p.Key);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            foreach (TopologyFact thing in TopologyFacts.Of(topology))
            {
                json.WriteStartObject();
                json.WriteString("key", thing.Key);
                json.WriteString("kind", thing.Kind);
                json.WriteString("title", thing.Title);
                json.WriteString("says", thing.Says);
                json.WriteStartArray("facts");
                foreach (TopologyFact.Line fact in thing.Facts)
                {
                    json.WriteStartArray();
                    json.WriteStringValue(fact.Name);
                    json.WriteStringValue(fact.Value);
                    json.WriteEndArray();
                }

                json.WriteEndArray();
                json.WriteStartArray("how");
                foreach (string line in thing.How) json.WriteStringValue(line);
                json.WriteEndArray();
                json.WriteStartArray("problems");
                foreach (TopologyProblem problem in problems[thing.Key]) json.WriteStringValue(problem.Sentence);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
