using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;

namespace Twill.KernelTests.Cni;

/// <summary>The kernel as iproute2 shows it: the second reader of every statement, with no code shared with Twill.</summary>
internal static class KernelView
{
    /// <summary>Like: ip -j ARGUMENTS, in the host.</summary>
    internal static JsonArray Read(this HostNamespace host, string arguments) => Parse(host.Ip($"-j {arguments}"));

    /// <summary>Like: ip -j ARGUMENTS, in the pod.</summary>
    internal static JsonArray Read(this Pod pod, string arguments) => Parse(pod.Ip($"-j {arguments}"));

    /// <summary>The port's flags and state as `bridge -j -d link` has them; null where it is no port.</summary>
    internal static JsonObject? Port(this HostNamespace host, string name)
        => Parse(host.Exec("bridge", ["-j", "-d", "link", "show"]).Succeeded()).FirstOrDefault(p => (string?)p!["ifname"] == name) as JsonObject;

    /// <summary>Like: tc -j qdisc show dev NAME.</summary>
    internal static JsonArray Queues(this HostNamespace host, string device) => Parse(host.Exec("tc", ["-j", "qdisc", "show", "dev", device]).Succeeded());

    /// <summary>Addresses with prefix length of a link of the host; link-local ones left out.</summary>
    internal static IReadOnlyList<string> Addresses(this HostNamespace host, string device)
        => [.. host.Read($"addr show dev {device}").SelectMany(l => l!["addr_info"]?.AsArray() ?? []).Where(a => (string?)a!["scope"] != "link").Select(a => $"{(string?)a!["local"]}/{(int)a["prefixlen"]!}")];

    /// <summary>The routes that somebody made: neither the kernel's own nor local or multicast ones.</summary>
    internal static IReadOnlyList<RouteState> Routes(this Pod pod)
    {
        var list = new List<RouteState>();
        foreach (bool v6 in (bool[])[false, true])
        {
            foreach (JsonNode? route in pod.Read($"-d {(v6 ? "-6" : "-4")} route show table all"))
            {
                if ((string?)route!["protocol"] is "kernel" or "ra" || (string?)route["type"] is not (null or "unicast")) continue;
                list.Add(RouteState.Of(route, v6));
            }
        }

        return list;
    }

    /// <summary>The value of a sysctl in the host ("net/ipv4/ip_forward").</summary>
    internal static string Sysctl(this HostNamespace host, string key) => host.Exec("cat", [$"/proc/sys/{key}"]).Succeeded().Trim();

    internal static void SetSysctl(this HostNamespace host, string key, string value) => host.Exec("tee", [$"/proc/sys/{key}"], value).Succeeded();

    /// <summary>Waits until the kernel's own work after an ADD is done (carrier seen, ports forwarding), so that two dumps can be equal.</summary>
    internal static void Settle(this HostNamespace host) => host.LookUntil(s => s.Links.All(l => l.Master.Length == 0 || ((string?)l.Json["operstate"] == "UP" && (string?)s.Link(l.Master)?.Json["operstate"] == "UP")), 5000);

    private static JsonArray Parse(string text) => string.IsNullOrWhiteSpace(text) ? [] : JsonNode.Parse(text)!.AsArray();
}
