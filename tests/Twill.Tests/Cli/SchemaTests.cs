using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Twill.Agent.View;
using Twill.Lab;
using Twill.Lab.Calls;
using Twill.Lab.Goal;
using Twill.Lab.Lesson;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Tests.Agent;
using Twill.Tests.Lab;
using Twill.Tests.Topo;
using Twill.Tests.Trace;
using Twill.Topo;
using Twill.Topo.Compare;
using Xunit;

namespace Twill.Tests.Cli;

/// <summary>The forms in docs/schema are those that are printed, and say enough to notice a change.</summary>
public sealed class SchemaTests
{
    private static readonly Dictionary<string, string> s_printed = new()
    {
        ["lab-status/v1"] = LabJson.Status(Topology.Of(DrawnLab.Make(3, 2, LabMode.Router))),
        ["topo/v1"] = LabStateJson.Write(LabStateJsonTests.Full()),
        ["topo-diff/v1"] = DifferenceText.Json(StateDifference.Between(DrawnLab.Make(3, 2), StateDifferenceTests.Later)),
        ["lab-work/v1"] = WorkText.Json(LabJudge.Judge(LabGoal.For(new LabSpec { Empty = true }.Grown(3, 2)))),
        ["trace/v1"] = TraceJsonTests.Trace(),
        ["why/v1"] = TraceJsonTests.Why(),
        ["ping/v1"] = TraceJsonTests.Ping(),
        ["ping-service/v1"] = CallText.Json(CallTests.Report),
        ["services/v1"] = ServiceViewJson.Of(ServiceViewTests.Report),
        ["agent-services/v1"] = ServiceViewTests.Agent,
        ["lab-pingall/v1"] = LabJson.PingAll(PingTextTests.Report(3, static r => r)),
    };

    public static TheoryData<string> Printed => [.. s_printed.Keys];

    public static TheoryData<string> Files => [.. Directory.GetFiles(SchemaAssert.Folder, "*.json").Select(f => Path.GetFileName(f)!)];

    [Theory]
    [MemberData(nameof(Printed))]
    public void Printed_Whole_IsValid(string name) => SchemaAssert.Valid(name, s_printed[name]);

    [Fact]
    public void Printed_HalfALab_IsValid()
    {
        foreach (string name in (string[])["broken", "empty", "nothing", "containers", "dual"])
        {
            LabState state = Pictures.All[name].State;
            SchemaAssert.Valid("lab-status/v1", LabJson.Status(Topology.Of(state)));
            SchemaAssert.Valid("topo/v1", LabStateJson.Write(state));
        }

        SchemaAssert.Valid("lab-pingall/v1", LabJson.PingAll(PingTextTests.Report(1, static r => r with { RttMs = null, SeenAs = null, Error = "ENETUNREACH" })));
    }

    [Theory]
    [MemberData(nameof(Printed))]
    public void Printed_AnyValueReplaced_IsNoticed(string name)
    {
        string[] paths = [.. Paths(JsonNode.Parse(s_printed[name])!)];
        Assert.True(paths.Length > 20);
        foreach (string path in paths)
        {
            JsonNode root = JsonNode.Parse(s_printed[name])!;
            Find(root, path).ReplaceWith(JsonNode.Parse("""{ "not": "this" }"""));
            Assert.True(SchemaAssert.Faults(name, root.ToJsonString()).Count > 0, $"{path} may be anything");
        }
    }

    [Theory]
    [MemberData(nameof(Printed))]
    public void Printed_FieldMoreOrLess_IsNoticed(string name)
    {
        JsonObject root = JsonNode.Parse(s_printed[name])!.AsObject();
        root["more"] = 1;
        Assert.Equal(["$.more: not in the schema"], SchemaAssert.Faults(name, root.ToJsonString()));
        root.Remove("more");
        foreach (string field in (string[])[.. root.Select(f => f.Key).Where(f => f is not ("router" or "internet"))])
        {
            JsonObject less = root.DeepClone().AsObject();
            less.Remove(field);
            Assert.Equal([$"$.{field}: missing"], SchemaAssert.Faults(name, less.ToJsonString()));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void File_Each_IsNamedAsItsTitleAndTheFieldSay(string file)
    {
        using var schema = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SchemaAssert.Folder, file)));
        string title = schema.RootElement.GetProperty("title").GetString()!;
        Assert.Equal(file, $"{title["twill.dev/".Length..].Replace('/', '-')}.json");
        Assert.Equal(title, schema.RootElement.GetProperty("properties").GetProperty("schema").GetProperty("const").GetString());
        Assert.Contains($"[{title}]({file})", File.ReadAllText(Path.Combine(SchemaAssert.Folder, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Form_EveryOneThatTheSourcesName_HasItsFile()
    {
        string sources = Path.Combine(SchemaAssert.Folder, "..", "..", "src", "twill");
        string[] forms = [.. Directory.GetFiles(sources, "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).SelectMany(f => Regex.Matches(File.ReadAllText(f), @"""twill\.dev/([a-z-]+/v\d+)""").Select(m => m.Groups[1].Value)).Distinct()];
        Assert.Contains("lab-status/v1", forms);
        Assert.All(forms, f => Assert.True(File.Exists(Path.Combine(SchemaAssert.Folder, $"{f.Replace('/', '-')}.json")), $"docs/schema has no {f.Replace('/', '-')}.json"));
    }

    [Theory]
    [InlineData("""{ "type": "integer" }""", "1.5", "$: expected integer, is 1.5")]
    [InlineData("""{ "type": "integer" }""", "2.0", null)]
    [InlineData("""{ "type": ["string", "null"], "pattern": "^a" }""", "\"b\"", "$: \"b\" is not of the form ^a")]
    [InlineData("""{ "type": ["string", "null"], "pattern": "^a" }""", "null", null)]
    [InlineData("""{ "enum": [4, 6] }""", "5", "$: expected one of [4, 6], is 5")]
    [InlineData("""{ "items": { "$ref": "#/$defs/x" }, "$defs": { "x": { "minimum": 3, "maximum": 4 } } }""", "[3, 2]", "$[1]: 2 is less than 3")]
    [InlineData("""{ "properties": {}, "additionalProperties": { "type": "string" } }""", """{ "a": 1 }""", "$.a: expected string, is 1")]
    [InlineData("""{ "minItems": 1 }""", "[]", "$: fewer than 1")]
    public void Schema_OfOneWord_DoesAsTheSpecificationSays(string schema, string value, string? fault)
    {
        using JsonDocument s = JsonDocument.Parse(schema), v = JsonDocument.Parse(value);
        Assert.Equal(fault is null ? [] : [fault], new JsonSchema(s.RootElement).Validate(v.RootElement));
    }

    [Theory]
    [InlineData("""{ "oneOf": [] }""")]
    [InlineData("""{ "$ref": "#/$defs/none", "$defs": {} }""")]
    [InlineData("""{ "$ref": "#/$defs/a", "$defs": { "a": { "$ref": "#/$defs/a" } } }""")]
    [InlineData("""{ "type": "text" }""")]
    public void Schema_NotUnderstood_IsAnError(string schema)
    {
        using JsonDocument s = JsonDocument.Parse(schema), v = JsonDocument.Parse("1");
        Assert.Throws<InvalidOperationException>(() => new JsonSchema(s.RootElement).Validate(v.RootElement));
    }

    private static IEnumerable<string> Paths(JsonNode node) => node switch
    {
        JsonObject o => o.SelectMany(f => f.Value is null ? [] : Paths(f.Value).Prepend(f.Value.GetPath())),
        JsonArray a => a.SelectMany(i => i is null ? [] : Paths(i).Prepend(i.GetPath())),
        _ => [],
    };

    /// <summary>The node at a path of GetPath: fields and indexes.</summary>
    private static JsonNode Find(JsonNode root, string path)
    {
        JsonNode at = root;
        foreach (Match step in Regex.Matches(path, @"\.([A-Za-z0-9]+)|\[(\d+)\]")) at = step.Groups[1].Success ? at[step.Groups[1].Value]! : at[int.Parse(step.Groups[2].Value)]!;
        return at;
    }
}
