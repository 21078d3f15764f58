using System.Text.Json.Nodes;
using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Linux.Netns;

namespace Twill.KernelTests.Harness;

/// <summary>A pod as a runtime hands it over: a container id and a fresh namespace with a path.</summary>
public sealed class Pod : IDisposable
{
    private const string NamePrefix = "twill-proof-";

    private static int s_count;
    private readonly string _name;
    private NetworkNamespace? _network;

    static Pod() => RemoveLeftOvers();

    /// <param name="looksAround">Where the id is chosen here: whether a shaped ADD of it is the one in 128 that looks for forgotten devices too. By luck it would have two calls more now and then.</param>
    internal Pod(string? containerId, bool looksAround)
    {
        int number = Interlocked.Increment(ref s_count);
        _name = $"{NamePrefix}{Environment.ProcessId}-{number}";
        ContainerId = containerId ?? NewId(number, looksAround);
        _network = NetworkNamespace.CreateNamed(_name);
    }

    public string ContainerId { get; }

    /// <summary>CNI_NETNS. It stays the same text after the namespace has gone.</summary>
    public string Path => NetworkNamespace.NamedPath(_name);

    public NetworkNamespace Network => _network ?? throw new InvalidOperationException($"{_name} has vanished");

    public bool IsThere => _network is not null;

    /// <summary>The namespace and its name go, as at a reboot or when a runtime dies: no DEL. The kernel removes what is in it a little later.</summary>
    public void Vanish()
    {
        _network?.Dispose();
        _network = null;
        NetworkNamespace.RemoveNamed(_name);
    }

    public void Dispose() => Vanish();

    /// <summary>Names of the pod's links but lo.</summary>
    public IReadOnlyList<LinkState> Links()
        => [.. JsonNode.Parse(Command.RunIn(Network, Command.Find("ip"), ["-j", "-d", "link", "show"]).Succeeded())!.AsArray().Select(n => LinkState.Of(n!)).Where(l => l.Name != "lo")];

    /// <summary>Like: ip ARGUMENTS, in the pod.</summary>
    public string Ip(string arguments) => Command.RunIn(Network, Command.Find("ip"), arguments.Split(' ')).Succeeded();

    /// <summary>Its links, addresses and routes as text, when they have settled.</summary>
    public string Dump()
    {
        Settled.Wait(Network);
        return Ip("-d addr show") + Ip("-4 route show table all") + Ip("-6 route show table all");
    }

    /// <summary>Addresses with prefix length of one link, link-local ones left out.</summary>
    public IReadOnlyList<string> Addresses(string ifName)
        => [.. JsonNode.Parse(Ip($"-j addr show dev {ifName}"))!.AsArray().SelectMany(l => l!["addr_info"]?.AsArray() ?? []).Where(a => (string?)a!["scope"] != "link").Select(a => $"{(string?)a!["local"]}/{(int)a["prefixlen"]!}")];

    /// <summary>Pings once, within a second.</summary>
    /// <returns>Null when it answered, else what ping said.</returns>
    public string? PingProblem(string address)
    {
        var outcome = Command.RunIn(Network, Command.Find("ping"), ["-n", "-c", "1", "-W", "1", address]);
        if (outcome.ExitCode != 0) outcome = Command.RunIn(Network, Command.Find("ping"), ["-n", "-c", "3", "-i", "0.3", "-w", "3", address]);
        return outcome.ExitCode == 0 ? null : $"{ContainerId} does not reach {address}: {outcome.OutputText}{outcome.ErrorText}";
    }

    private static string NewId(int number, bool looksAround)
    {
        while (true)
        {
            string id = $"c{Environment.ProcessId:x}-{number}-{Guid.NewGuid():N}";
            if (Shaping.LooksAround(new Owner(id, "eth0")) == looksAround) return id;
        }
    }

    /// <summary>Names of test processes that were killed before they could clean up.</summary>
    private static void RemoveLeftOvers()
    {
        foreach (string name in NetworkNamespace.ListNamed())
        {
            if (!name.StartsWith(NamePrefix, StringComparison.Ordinal)) continue;
            string pid = name[NamePrefix.Length..].Split('-')[0];
            if (!Directory.Exists($"/proc/{pid}")) NetworkNamespace.RemoveNamed(name);
        }
    }
}
