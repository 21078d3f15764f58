using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Twill.Linux.Sys;

namespace Twill.Bench;

/// <summary>A plugin under measure: Twill, or a directory of reference plugins.</summary>
public sealed class Subject
{
    public const string Bridge = "twb0";
    public const string IfName = "eth0";
    private const string Network = "bench";
    private const string DpkgQuery = "/usr/bin/dpkg-query";
    private const string SpecVersion = "1.0.0"; // the newest that containernetworking-plugins 1.1.1 knows

    private readonly string _directory;
    private readonly string? _twill;

    private Subject(string name, string directory, string? twill, string version)
    {
        Name = name;
        _directory = directory;
        _twill = twill;
        Version = version;
    }

    public string Name { get; }

    public string Version { get; }

    public static Subject Twill(string executable)
        => File.Exists(executable)
            ? new Subject("twill", Path.GetDirectoryName(executable)!, executable, $"{new FileInfo(executable).Length / 1e6:F1} MB")
            : throw new BenchException($"{executable} is not there: `make publish` builds it; `--stand-in` tries the bench without");

    /// <param name="directory">Where bridge, host-local and the others are.</param>
    /// <param name="name">Null: the version that its bridge says of itself.</param>
    public static Subject Reference(string directory, string? name = null)
    {
        string bridge = Path.Combine(directory, "bridge");
        if (!File.Exists(bridge)) throw new BenchException($"{directory}: no reference plugins there; Debian's are in the package containernetworking-plugins");
        string version = VersionOf(bridge);
        return new Subject(name ?? $"reference {version}", directory, null, version);
    }

    /// <summary>The calls of one ADD or DEL, in the order in which a runtime makes them.</summary>
    /// <param name="previous">DEL: the result of the ADD.</param>
    public Job Job(Scenario scenario, Pod pod, string verb, string dataDir, byte[]? previous, string? mustBeGone)
    {
        var plugins = _twill is not null ? ["twill"] : (List<string>)["bridge", .. scenario.Chain];
        if (verb == "DEL") plugins.Reverse();
        string[] environment =
        [
            $"CNI_COMMAND={verb}", $"CNI_CONTAINERID={pod.Id}", $"CNI_NETNS={pod.Path}", $"CNI_IFNAME={IfName}", $"CNI_PATH={_directory}",
            $"CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=bench;K8S_POD_NAME={pod.Name};K8S_POD_INFRA_CONTAINER_ID={pod.Id};K8S_POD_UID=0b5f1c5e-6f0e-4f8e-8f0a-{pod.Id[..12]}",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        ];
        var steps = new List<Step>();
        foreach (string plugin in plugins)
        {
            JsonObject config = Config(scenario, plugin, dataDir);
            if (previous is not null) config["prevResult"] = JsonNode.Parse(previous);
            bool takesPrevious = verb == "ADD" && steps.Count > 0;
            steps.Add(new Step(_twill ?? Path.Combine(_directory, plugin), [plugin], environment, Encoding.UTF8.GetBytes(config.ToJsonString()), takesPrevious));
        }

        return new Job(steps, mustBeGone);
    }

    /// <summary>The configuration as an administrator would write it, printed in the report.</summary>
    public string Describe(Scenario scenario)
        => _twill is not null
            ? Config(scenario, "twill", "").ToJsonString()
            : string.Join("\n", ((List<string>)["bridge", .. scenario.Chain]).Select(plugin => Config(scenario, plugin, "/run/bench/leases").ToJsonString()));

    /// <summary>What the bridge plugin says of itself (1.9.1), or the upstream version of the Debian package it is from (1.1.1).</summary>
    private static string VersionOf(string bridge)
    {
        ChildProcess.Outcome about = ChildProcess.Run(bridge, [], [], [], 5000);
        string? said = (about.ErrorText + about.OutputText).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(w => w.Length > 1 && w[0] == 'v' && char.IsAsciiDigit(w[1]));
        if (said is not null) return said[1..];
        if (!File.Exists(DpkgQuery)) return "of unknown version";
        string owner = ChildProcess.Run(DpkgQuery, ["-S", bridge], [], [], 5000).OutputText.Split(':')[0];
        string package = owner.Length == 0 ? "" : ChildProcess.Run(DpkgQuery, ["-W", "-f", "${Version}", owner], [], [], 5000).OutputText;
        return package.Length == 0 ? "of unknown version" : package.Split('+', '-')[0];
    }

    private static JsonObject Config(Scenario scenario, string plugin, string dataDir)
    {
        var config = new JsonObject { ["cniVersion"] = SpecVersion, ["name"] = Network, ["type"] = plugin };
        if (plugin is "bridge" or "twill")
        {
            config["bridge"] = Bridge;
            config["isGateway"] = true;
            if (scenario.IpMasq) config["ipMasq"] = true;
            var ranges = new JsonArray(new JsonArray(new JsonObject { ["subnet"] = "10.88.0.0/16" }));
            var routes = new JsonArray(new JsonObject { ["dst"] = "0.0.0.0/0" });
            if (scenario.DualStack)
            {
                ranges.Add((JsonNode)new JsonArray(new JsonObject { ["subnet"] = "fd88::/64" }));
                routes.Add((JsonNode)new JsonObject { ["dst"] = "::/0" });
            }

            var ipam = new JsonObject { ["type"] = plugin == "twill" ? "twill" : "host-local", ["ranges"] = ranges, ["routes"] = routes };
            if (plugin == "bridge") ipam["dataDir"] = dataDir;
            config["ipam"] = ipam;
        }

        if (plugin == "portmap")
        {
            config["snat"] = true;
            config["runtimeConfig"] = new JsonObject { ["portMappings"] = new JsonArray() };
        }

        if (plugin == "firewall") config["backend"] = "iptables";
        if (scenario.Bandwidth && (plugin is "bandwidth" or "twill"))
        {
            config["runtimeConfig"] = new JsonObject
            {
                ["bandwidth"] = new JsonObject
                {
                    ["ingressRate"] = 1_000_000_000, // bits per second
                    ["ingressBurst"] = 80_000_000, // bits
                    ["egressRate"] = 1_000_000_000,
                    ["egressBurst"] = 80_000_000,
                },
            };
        }

        return config;
    }

    /// <summary>One process start that does next to nothing: what any call of this plugin costs at least.</summary>
    public Step VersionStep()
    {
        string plugin = _twill is not null ? "twill" : "bridge";
        return new Step(_twill ?? Path.Combine(_directory, plugin), [plugin], ["CNI_COMMAND=VERSION"], Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"cniVersion\":\"{SpecVersion}\"}}")), false);
    }
}
