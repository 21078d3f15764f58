using System.Text.Json.Nodes;

namespace Twill.KernelTests.Harness;

/// <summary>A network as a test uses it: a plugin's configuration, and the calls made with it. Others of a chain follow as libcni would run them.</summary>
/// <remarks>Addresses lie in 10.88.0.0/16 and fd88::/16, where the audit looks for them.</remarks>
public sealed class Net
{
    public const string Bridge = "twproof0";

    private readonly JsonObject _config;
    private readonly JsonObject? _runtimeConfig;

    private Net(string title, JsonObject config, JsonObject? runtimeConfig = null)
    {
        Title = title;
        _config = config;
        _runtimeConfig = runtimeConfig;
    }

    public string Title { get; }

    public string Name => (string)_config["name"]!;

    public string Binary { get; init; } = Artifacts.Plugin;

    /// <summary>Whether attachments have an ifb.</summary>
    public bool Shaped { get; init; }

    /// <summary>Whether each ADD of a campaign is the one in 128 that looks for forgotten ifb devices too.</summary>
    public bool LooksAround { get; init; }

    /// <summary>Plugins that follow in the chain: their configurations.</summary>
    public IReadOnlyList<JsonObject> Others { get; init; } = [];

    /// <summary>nftables tables that the others of the chain make.</summary>
    public IReadOnlyList<string> TablesOfOthers { get; init; } = [];

    /// <summary>How the names of the links begin that the others of the chain make, one for each attachment; empty: none.</summary>
    public string LinksOfOthers { get; init; } = "";

    /// <summary>A bridge with a gateway, one IPv4 subnet.</summary>
    public static Net Plain(string subnet = "10.88.0.0/24", string name = "proof", string cniVersion = "1.1.0") => new("plain", Config(cniVersion, name, subnet));

    public static Net Masquerade(string name = "proof") => new("masquerade", With(Config("1.1.0", name, "10.88.0.0/24"), "ipMasq", true));

    /// <summary>IPv4 and IPv6, masqueraded, shaped in both directions.</summary>
    public static Net Dual(string name = "proof")
    {
        JsonObject config = With(Config("1.1.0", name, "10.88.0.0/24", "fd88::/64"), "ipMasq", true);
        return new Net("dual+bandwidth", With(config, "capabilities", new JsonObject { ["bandwidth"] = true }), new JsonObject { ["bandwidth"] = Rates() }) { Shaped = true };
    }

    /// <summary>The same, and each ADD looks for forgotten devices too.</summary>
    public static Net DualThatLooksAround()
    {
        Net dual = Dual();
        return new Net("dual, looking around", dual._config, dual._runtimeConfig) { Shaped = true, LooksAround = true };
    }

    /// <summary>Ours, then the reference portmap, bandwidth, firewall and tuning.</summary>
    public static Net Chained(string name = "proof") => new("chained", Config("1.0.0", name, "10.88.0.0/24"))
    {
        Others =
        [
            new JsonObject { ["type"] = "portmap", ["runtimeConfig"] = new JsonObject { ["portMappings"] = new JsonArray(new JsonObject { ["hostPort"] = 8088, ["containerPort"] = 80, ["protocol"] = "tcp" }) } },
            new JsonObject { ["type"] = "bandwidth", ["runtimeConfig"] = new JsonObject { ["bandwidth"] = Rates() } },
            new JsonObject { ["type"] = "firewall", ["backend"] = "iptables" },
            new JsonObject { ["type"] = "tuning", ["sysctl"] = new JsonObject { ["net.core.somaxconn"] = "500" } },
        ],
        LinksOfOthers = "bwp",
        TablesOfOthers = ["ip nat", "ip filter", "ip6 nat", "ip6 filter", "ip mangle", "ip raw"],
    };

    /// <summary>The same network run by the reference bridge plugin with host-local, its leases in a directory: the negative control.</summary>
    public static Net Reference(string leases, bool masquerade = false, string subnet = "10.88.0.0/24")
    {
        JsonObject config = Config("1.0.0", "proof", subnet);
        config["type"] = "bridge";
        config["ipMasq"] = masquerade;
        config["ipam"]!["dataDir"] = leases;
        return new Net(masquerade ? "reference+masquerade" : "reference", config) { Binary = Artifacts.Reference("bridge") };
    }

    /// <summary>The same with one key of the configuration changed; a dot steps into an object.</summary>
    public Net With(string key, JsonNode? value)
    {
        var config = (JsonObject)_config.DeepClone();
        JsonObject place = config;
        string[] steps = key.Split('.');
        foreach (string step in steps[..^1]) place = (JsonObject)(place[step] ??= new JsonObject());
        if (value is null) place.Remove(steps[^1]);
        else place[steps[^1]] = value;
        return new Net(Title, config, _runtimeConfig) { Binary = Binary, Shaped = Shaped, LooksAround = LooksAround, Others = Others, TablesOfOthers = TablesOfOthers, LinksOfOthers = LinksOfOthers };
    }

    /// <summary>The same, each ADD with a wish for these addresses (capability "ips").</summary>
    public Net Wishing(IEnumerable<string> addresses)
    {
        var runtimeConfig = (JsonObject?)_runtimeConfig?.DeepClone() ?? new JsonObject();
        runtimeConfig["ips"] = new JsonArray([.. addresses.Select(a => (JsonNode)a)]);
        return new Net(Title, _config, runtimeConfig) { Binary = Binary, Shaped = Shaped, LooksAround = LooksAround, Others = Others, TablesOfOthers = TablesOfOthers, LinksOfOthers = LinksOfOthers };
    }

    /// <summary>A call of our plugin, the first of the chain.</summary>
    public PluginRun Call(string verb, Pod? pod = null, string ifName = "eth0", JsonNode? prevResult = null)
    {
        var run = new PluginRun(verb) { Binary = Binary, IfName = pod is null ? null : ifName }.WithConfig(Request(_config, prevResult));
        return pod is null ? run : run.Of(pod, ifName);
    }

    /// <summary>GC with these attachments valid.</summary>
    public PluginRun Gc(params IEnumerable<Attachment> valid)
    {
        var request = Request(_config, null);
        request["cniVersion"] = "1.1.0";
        request["cni.dev/valid-attachments"] = new JsonArray([.. valid.Select(a => new JsonObject { ["containerID"] = a.ContainerId, ["ifname"] = a.IfName })]);
        return new PluginRun("GC") { Binary = Binary, IfName = null }.WithConfig(request);
    }

    /// <summary>ADD of the whole chain, as libcni's AddNetworkList: each gets the result before it; the first error ends it.</summary>
    /// <returns>The last outcome: the chain's.</returns>
    public PluginOutcome Add(HostNamespace host, Pod pod, string ifName = "eth0") => AddRest(host, pod, Call("ADD", pod, ifName).In(host), ifName);

    /// <summary>The plugins after ours, when ours succeeded.</summary>
    public PluginOutcome AddRest(HostNamespace host, Pod pod, PluginOutcome first, string ifName = "eth0")
    {
        PluginOutcome last = first;
        foreach (JsonObject other in Others)
        {
            if (!last.Ok) return last;
            last = CallOther("ADD", other, pod, ifName, last.Json).In(host);
        }

        return last;
    }

    /// <summary>DEL of the whole chain in reverse order, as libcni's DelNetworkList; the first error ends it.</summary>
    /// <param name="result">The cached result of ADD; null where ADD failed.</param>
    public PluginOutcome Del(HostNamespace host, Pod pod, JsonObject? result = null, string ifName = "eth0", bool withNetNs = true)
        => DelOthers(host, pod, result, ifName, withNetNs) ?? DelCall(pod, result, ifName, withNetNs).In(host);

    /// <returns>The first failure among the plugins after ours; null if all went well.</returns>
    public PluginOutcome? DelOthers(HostNamespace host, Pod pod, JsonObject? result, string ifName = "eth0", bool withNetNs = true)
    {
        foreach (JsonObject other in Others.Reverse())
        {
            PluginRun run = CallOther("DEL", other, pod, ifName, result);
            PluginOutcome outcome = (withNetNs ? run : run with { NetNs = "" }).In(host);
            if (!outcome.Ok) return outcome;
        }

        return null;
    }

    public PluginRun DelCall(Pod pod, JsonObject? result = null, string ifName = "eth0", bool withNetNs = true)
    {
        PluginRun run = Call("DEL", pod, ifName, result);
        return withNetNs ? run : run with { NetNs = "" };
    }

    /// <summary>What an audit of this network's host finds wrong.</summary>
    public IReadOnlyList<string> Audit(HostNamespace host, params IReadOnlyList<Attachment> expected) => Audit(host.Look(), expected);

    public IReadOnlyList<string> Audit(HostState state, IReadOnlyList<Attachment> expected)
    {
        string[] others = LinksOfOthers.Length == 0 ? [] : [.. state.Links.Select(l => l.Name).Where(n => n.StartsWith(LinksOfOthers, StringComparison.Ordinal))];
        IReadOnlyList<string> problems = Harness.Audit.Problems(state, expected, [Bridge, .. others], [.. TablesOfOthers]);
        return LinksOfOthers.Length == 0 || others.Length == expected.Count ? problems : [.. problems, $"{others.Length} links of the chain's others for {expected.Count} attachments: {string.Join(' ', others)}"];
    }

    public Attachment AttachmentOf(PluginOutcome add) => Attachment.Of(add, Shaped);

    private PluginRun CallOther(string verb, JsonObject other, Pod pod, string ifName, JsonNode? prevResult)
        => new PluginRun(verb) { Binary = Artifacts.Reference((string)other["type"]!) }.Of(pod, ifName).WithConfig(Named(other, prevResult));

    private JsonObject Named(JsonObject other, JsonNode? prevResult)
    {
        var request = (JsonObject)other.DeepClone();
        request["cniVersion"] = (string)_config["cniVersion"]!;
        request["name"] = Name;
        if (prevResult is not null) request["prevResult"] = prevResult.DeepClone();
        return request;
    }

    private JsonObject Request(JsonObject config, JsonNode? prevResult)
    {
        var request = (JsonObject)config.DeepClone();
        request.Remove("capabilities");
        if (_runtimeConfig is not null) request["runtimeConfig"] = _runtimeConfig.DeepClone();
        if (prevResult is not null) request["prevResult"] = prevResult.DeepClone();
        return request;
    }

    private static JsonObject Config(string cniVersion, string name, params string[] subnets) => new()
    {
        ["cniVersion"] = cniVersion,
        ["name"] = name,
        ["type"] = "twill",
        ["bridge"] = Bridge,
        ["isGateway"] = true,
        ["isDefaultGateway"] = true,
        ["ipam"] = new JsonObject
        {
            ["type"] = "host-local",
            ["ranges"] = new JsonArray([.. subnets.Select(s => (JsonNode)new JsonArray(new JsonObject { ["subnet"] = s }))]),
        },
    };

    private static JsonObject With(JsonObject config, string key, JsonNode value)
    {
        config[key] = value;
        return config;
    }

    private static JsonObject Rates() => new() { ["ingressRate"] = 80_000_000, ["ingressBurst"] = 8_000_000, ["egressRate"] = 80_000_000, ["egressBurst"] = 8_000_000 };

    public override string ToString() => Title;
}
