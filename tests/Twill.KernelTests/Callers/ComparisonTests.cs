using System.Text.Json.Nodes;
using Twill.Caller;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Callers;

/// <summary>The same lists under the reference bridge plugin and under us: the results compared field by field.</summary>
public sealed class ComparisonTests
{
    /// <summary>Every field that may differ, and why. docs/runtimes.md has this table.</summary>
    private static readonly Dictionary<string, string> s_mayDiffer = new(StringComparer.Ordinal)
    {
        ["interfaces[0].mac"] = "the bridge: ours has a MAC computed from its address, the reference's is random",
        ["interfaces[1].name"] = "the host end: ours names network and address (tw...), the reference's is random (veth...)",
        ["interfaces[1].mac"] = "the host end: random in both",
        ["interfaces[2].mac"] = "the pod's: ours is computed from its address, the reference's is random; equal where the list sets it",
        ["interfaces[3].name"] = "the bandwidth plugin's ifb: named after the container",
        ["interfaces[3].mac"] = "the bandwidth plugin's ifb: random",
        ["dns"] = "without any: ours leaves the key out, the reference of 1.1.1 prints an empty object",
        ["interfaces[2].sandbox"] = "two pods, two namespaces",
    };

    public ComparisonTests() => Requirement.Need("reference", [.. ((string[])["portmap", "bandwidth", "firewall", "tuning", "bridge", "host-local"]).Select(Artifacts.Reference), "iptables"]);

    [Theory]
    [Trait("cni", "R05")]
    [Trait("cni", "R06")]
    [InlineData("0.1.0", false)]
    [InlineData("0.2.0", false)]
    [InlineData("0.3.1", false)]
    [InlineData("0.4.0", false)]
    [InlineData("1.0.0", false)]
    [InlineData("0.4.0", true)]
    [InlineData("1.0.0", true)]
    public void Result_SameListUnderBridge_DiffersOnlyWhereThePageSaysSo(string version, bool chained)
    {
        JsonNode ours = Run("twill", version, chained), reference = Run("bridge", version, chained);
        var differences = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Compare("", ours, reference, differences);
        Assert.Empty(differences.Where(d => !s_mayDiffer.ContainsKey(d.Key)).Select(d => $"{d.Key}: {d.Value}"));
        if (differences.TryGetValue("dns", out string? dns)) Assert.Equal("twill nothing, bridge {}", dns);

        // The comparison can fail: the host ends never have one name, and only the old forms have no interfaces.
        Assert.Equal(version is "0.1.0" or "0.2.0", !differences.ContainsKey("interfaces[1].name"));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', differences.Select(d => $"{d.Key}: {d.Value}")));
    }

    [Fact]
    public void Page_TableOfDifferences_HasEveryField()
    {
        string page = File.ReadAllText(Path.Combine(Artifacts.Root, "docs", "runtimes.md"));
        foreach (string field in s_mayDiffer.Keys) Assert.Contains($"| `{field}` |", page, StringComparison.Ordinal);
        foreach (string line in page.Split('\n').Where(l => l.StartsWith("| `interfaces[", StringComparison.Ordinal))) Assert.Contains(line.Split('`')[1], s_mayDiffer.Keys);
    }

    private static JsonNode Run(string type, string version, bool chained)
    {
        using var stage = new Stage();
        string list = Lists.Chained("pods", type, version, type == "bridge" ? Path.Combine(stage.Directory, "leases") : "", chained ? "0a:00:00:00:00:42" : "");
        if (!chained)
        {
            JsonNode alone = JsonNode.Parse(list)!;
            alone["plugins"] = new JsonArray(alone["plugins"]![0]!.DeepClone());
            list = alone.ToJsonString();
        }

        NetworkCaller caller = stage.Caller(list);
        Pod pod = stage.Host.NewPod();
        AttachmentRequest request = stage.Request(pod, """{"portMappings": [{"hostPort": 8088, "containerPort": 80, "protocol": "tcp"}], "bandwidth": {"ingressRate": 80000000, "ingressBurst": 8000000, "egressRate": 80000000, "egressBurst": 8000000}}""");
        stage.Do(() => caller.Add(request));
        try
        {
            // As the last plugin printed it, not as we understood it.
            return JsonNode.Parse(stage.Cache.Get("pods", request)!.Result.Span)!;
        }
        finally
        {
            stage.Do(() => caller.Del(request));
        }
    }

    private static void Compare(string path, JsonNode? a, JsonNode? b, SortedDictionary<string, string> differences)
    {
        if (a is JsonObject left && b is JsonObject right)
        {
            foreach (string key in left.Select(p => p.Key).Union(right.Select(p => p.Key))) Compare(path.Length == 0 ? key : $"{path}.{key}", left[key], right[key], differences);
        }
        else if (a is JsonArray first && b is JsonArray second)
        {
            for (int i = 0; i < Math.Max(first.Count, second.Count); i++) Compare($"{path}[{i}]", i < first.Count ? first[i] : null, i < second.Count ? second[i] : null, differences);
        }
        else if (!JsonNode.DeepEquals(a, b))
        {
            differences[path] = $"twill {Show(a)}, bridge {Show(b)}";
        }
    }

    private static string Show(JsonNode? node) => node?.ToJsonString() ?? "nothing";
}
