using Twill.Agent.View;
using Twill.Linux.Route;

namespace Twill.Agent.Doctor;

/// <summary>Everything the checks look at, read once, so that each check is a pure function of it.</summary>
internal sealed record DoctorFacts
{
    internal required StatusReport Report { get; init; }

    internal bool IsRoot { get; init; } = true;

    /// <summary>What the kernel said when a namespace of our own was asked for each feature; null: it has it.</summary>
    internal IReadOnlyDictionary<string, string?> Features { get; init; } = new Dictionary<string, string?>();

    /// <summary>By key with slashes; null: the kernel has no such key.</summary>
    internal IReadOnlyDictionary<string, string?> Sysctls { get; init; } = new Dictionary<string, string?>();

    internal IReadOnlyList<Link> Links { get; init; } = [];

    internal IReadOnlyList<IfAddress> Addresses { get; init; } = [];

    /// <summary>Of all tables but the local one.</summary>
    internal IReadOnlyList<Route> Routes { get; init; } = [];

    /// <summary>Base chains at the forward hook that are not ours and drop what no rule lets pass: "ip filter FORWARD".</summary>
    internal IReadOnlyList<string> DroppingChains { get; init; } = [];

    /// <summary>What of another proxy of services is in nftables: "table ip kube-proxy".</summary>
    internal IReadOnlyList<string> OtherProxies { get; init; } = [];

    /// <summary>Null: there is none.</summary>
    internal UnixFileMode? PluginMode { get; init; }

    internal string PluginPath { get; init; } = "/opt/cni/bin/twill";

    internal bool HasProtocolName { get; init; } = true;

    internal string ProtocolPath { get; init; } = "/etc/iproute2/rt_protos.d/twill.conf";

    internal string MachineId { get; init; } = "";

    /// <summary>Host ends without an owner that no ADD is working on.</summary>
    internal IReadOnlyList<string> Abandoned { get; init; } = [];

    internal string? Sysctl(string key) => Sysctls.GetValueOrDefault(key);

    internal long Number(string key, long otherwise) => long.TryParse(Sysctl(key), out long value) ? value : otherwise;
}
