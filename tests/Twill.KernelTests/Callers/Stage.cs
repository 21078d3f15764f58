using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Twill.Caller;
using Twill.Cni;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Callers;

/// <summary>A host of its own with a directory for cache, configuration and leases; the runner's calls are made inside.</summary>
internal sealed partial class Stage : IDisposable
{
    private static int s_count;

    internal Stage()
    {
        Host = new HostNamespace();
        Directory = Path.Combine(Artifacts.Scratch, $"stage-{Interlocked.Increment(ref s_count)}");
        System.IO.Directory.CreateDirectory(Directory);
        Cache = new ResultCache(Path.Combine(Directory, "cache"));
    }

    internal HostNamespace Host { get; }

    internal string Directory { get; }

    internal ResultCache Cache { get; }

    public void Dispose() => Host.Dispose();

    /// <summary>The list as a file, loaded as a person's would be.</summary>
    internal NetworkCaller Caller(string list, string? path = null, bool cached = true)
    {
        string file = Write("net.conflist", list);
        return new NetworkCaller(NetworkFile.Load(file), new PluginFinder(path ?? $"{Path.GetDirectoryName(Artifacts.Twill)}:{Artifacts.ReferenceDirectory}"), cached ? Cache : null);
    }

    internal string Write(string name, string text)
    {
        string file = Path.Combine(Directory, name);
        File.WriteAllText(file, text);
        return file;
    }

    internal AttachmentRequest Request(Pod pod, string capability = "") => new(pod.ContainerId, pod.Path, "eth0") { CapabilityArgs = Encoding.UTF8.GetBytes(capability) };

    internal CniAttachment Key(Pod pod) => new(pod.ContainerId, "eth0");

    internal IReadOnlyList<CniAttachment> Cached(NetworkCaller caller) => [.. Cache.List(caller.Network.Name).Select(c => c.Key)];

    /// <summary>In the host's namespace, where the plugins belong.</summary>
    internal T Do<T>(Func<T> call) => Host.Network.Run(call);

    internal CallerException Fails<T>(Func<T> call) => Assert.Throws<CallerException>(() => { _ = Host.Network.Run(call); });

    internal Attachment Of(Pod pod, CniResult? result = null) => new(pod.ContainerId, "eth0", result is null ? null : [.. result.Ips.Select(i => i.Address.Address.ToString())]);

    /// <summary>Rules of everybody, without counters and handles.</summary>
    internal string Rules() => Host.Exec("nft", ["-s", "list", "ruleset"]).Succeeded();

    /// <summary>Links with a token bucket.</summary>
    internal string[] Shaped() => [.. JsonNode.Parse(Host.Exec("tc", ["-j", "qdisc", "show"]).Succeeded())!.AsArray().Where(q => (string?)q!["kind"] == "tbf").Select(q => (string)q!["dev"]!)];

    /// <summary>What is left or missing; the reference plugins' base chains stay, a rule or a chain of theirs for one pod does not.</summary>
    internal IReadOnlyList<string> Audit(IReadOnlyList<Attachment> expected)
    {
        HostState state = Host.Look();
        string[] ifbs = [.. state.Links.Where(l => l.Name.StartsWith("bwp", StringComparison.Ordinal)).Select(l => l.Name)];
        var problems = new List<string>(Harness.Audit.Problems(state, expected, [Shipped.Bridge, .. ifbs], Shipped.TablesOfOthers));
        if (ifbs.Length > expected.Count) problems.Add($"ifbs of the bandwidth plugin: {string.Join(' ', ifbs)}");
        if (expected.Count > 0) return problems;
        string rules = Rules();
        foreach (Match match in OfOnePod().Matches(rules)) problems.Add($"left in the rules: {match.Value}");
        return problems;
    }

    /// <summary>Addresses of pods, and chains that portmap names by container (CNI-DN-, CNI-SN-).</summary>
    [GeneratedRegex(@"10\.88\.0\.[2-9][0-9]*\b|CNI-(DN|SN)-\w+")]
    private static partial Regex OfOnePod();
}
