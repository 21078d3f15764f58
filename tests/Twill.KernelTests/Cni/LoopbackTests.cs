using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>The plugin called as "loopback", beside the reference plugin of that name: the same results, the same state of lo.</summary>
public sealed class LoopbackTests
{
    [Theory]
    [InlineData("0.3.1")]
    [InlineData("1.0.0")]
    public void Loopback_AsTheReference_AnswersAndSetsLo(string version)
    {
        Assert.Equal(Story(version, reference: true), Story(version, reference: false));
    }

    [Fact]
    public void Check_LoDown_Complains()
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        pod.Ip("link set lo down");
        PluginOutcome outcome = Run(host, pod, "CHECK", "1.0.0", reference: false);
        Assert.False(outcome.Ok);
        Assert.Contains("lo in", outcome.Message, StringComparison.Ordinal);
    }

    /// <summary>What each verb answers, and lo after it. DEL without a namespace is no error.</summary>
    private static string Story(string version, bool reference)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        pod.Ip("link set lo down");
        var story = new List<string>();
        foreach (string verb in (string[])["ADD", "DEL", "DEL"])
        {
            PluginOutcome outcome = Run(host, pod, verb, version, reference);
            story.Add($"{verb} {outcome.Ok} {Answer(outcome, pod)} {(pod.Ip("link show lo").Contains(",UP", StringComparison.Ordinal) ? "up" : "down")}");
        }

        PluginOutcome gone = (new PluginRun("DEL") { Binary = reference ? Artifacts.Reference("loopback") : Artifacts.Plugin }.Of(pod) with { NetNs = "/run/netns/no-such" }).WithConfig(Config(version)).In(host);
        story.Add($"gone {gone.Ok}");
        return string.Join('\n', story);
    }

    /// <summary>Without an empty "dns", and the address's "version" that the older specification asks for and the reference leaves out.</summary>
    private static string Answer(PluginOutcome outcome, Pod pod)
    {
        if (outcome.Output.Length == 0) return "";
        JsonObject json = outcome.Json!;
        json.Remove("dns");
        foreach (JsonNode? ip in json["ips"]!.AsArray()) ip!.AsObject().Remove("version");
        return json.ToJsonString().Replace(pod.Path, "NETNS", StringComparison.Ordinal);
    }

    private static PluginOutcome Run(HostNamespace host, Pod pod, string verb, string version, bool reference)
        => (new PluginRun(verb) { Binary = reference ? Artifacts.Reference("loopback") : Artifacts.Plugin }.Of(pod)).WithConfig(Config(version, verb == "CHECK")).In(host);

    private static JsonObject Config(string version, bool previous = false) => new() { ["cniVersion"] = version, ["name"] = "cni-loopback", ["type"] = "loopback", ["prevResult"] = previous ? new JsonObject { ["cniVersion"] = version } : null };
}
