using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>The reference bridge plugin with host-local and we, side by side on a host each: the same configuration, the same result, the same kernel.</summary>
/// <remarks>
/// Left out where we differ on purpose: hardware addresses and the host end's name (ours are made of the address), and which free IPv6
/// address is first. And where a route names no gateway, our result says the one that was taken, the reference's result leaves it out. Debian 12's reference plugins are 1.1.1 and end at 1.0.0; they know neither portIsolation nor disableContainerInterface.
/// </remarks>
public sealed class ReferenceTests
{
    private static int s_count;

    [Theory]
    [Trait("cni", "A01")]
    [Trait("cni", "A13")]
    [Trait("cni", "C12")]
    [InlineData("nothing", "{}")]
    [InlineData("isGateway", """{"isGateway":true}""")]
    [InlineData("isDefaultGateway", """{"isDefaultGateway":true}""")]
    [InlineData("mtu", """{"isDefaultGateway":true,"mtu":1380}""")]
    [InlineData("hairpinMode", """{"isGateway":true,"hairpinMode":true}""")]
    [InlineData("promiscMode", """{"isGateway":true,"promiscMode":true}""")]
    [InlineData("ipMasq", """{"isDefaultGateway":true,"ipMasq":true}""")]
    [InlineData("enabledad", """{"isDefaultGateway":true,"enabledad":true,"ipam":{"ranges":[[{"subnet":"fd88::/64","rangeStart":"fd88::9","rangeEnd":"fd88::9"}]]}}""")]
    [InlineData("layer 2 only", """{"ipam":null}""")]
    [InlineData("dns", """{"isGateway":true,"dns":{"nameservers":["192.0.2.1"],"domain":"d","search":["s"],"options":["o"]}}""")]
    [InlineData("routes", """{"isGateway":true,"ipam":{"subnet":"10.88.0.0/24","routes":[{"dst":"198.51.100.0/24"},{"dst":"203.0.113.0/24","gw":"10.88.0.9"},{"dst":"0.0.0.0/0"}]}}""")]
    [InlineData("default route twice", """{"isDefaultGateway":true,"ipam":{"subnet":"10.88.0.0/24","routes":[{"dst":"0.0.0.0/0","gw":"10.88.0.9"}]}}""")]
    [InlineData("gateway and range", """{"isDefaultGateway":true,"ipam":{"subnet":"10.88.0.0/24","rangeStart":"10.88.0.40","rangeEnd":"10.88.0.50","gateway":"10.88.0.254"}}""")]
    [InlineData("second range of a set", """{"isGateway":true,"ipam":{"ranges":[[{"subnet":"10.88.0.0/30","rangeStart":"10.88.0.2"},{"subnet":"10.88.1.0/24"}]]}}""")]
    [InlineData("IPv6 only", """{"isDefaultGateway":true,"ipam":{"ranges":[[{"subnet":"fd88::/64","rangeStart":"fd88::9","rangeEnd":"fd88::9"}]]}}""")]
    [InlineData("dual stack", """{"isDefaultGateway":true,"ipam":{"ranges":[[{"subnet":"10.88.0.0/24"}],[{"subnet":"fd88::/64","rangeStart":"fd88::9","rangeEnd":"fd88::9"}]]}}""")]
    [InlineData("/30", """{"isDefaultGateway":true,"ipam":{"subnet":"10.88.0.0/30"}}""")]
    [InlineData("/16", """{"isDefaultGateway":true,"ipam":{"subnet":"10.88.0.0/16"}}""")]
    [InlineData("ips", """{"isGateway":true,"runtimeConfig":{"ips":["10.88.0.44"]}}""")]
    [InlineData("mac", """{"isGateway":true,"runtimeConfig":{"mac":"c2:11:22:33:44:55"}}""")]
    [InlineData("args", """{"isGateway":true,"args":{"cni":{"ips":["10.88.0.44"]}}}""")]
    [InlineData("CNI_ARGS", """{"isGateway":true}""", "IgnoreUnknown=1;IP=10.88.0.44;MAC=c2:11:22:33:44:55")]
    public void SameConfiguration_SameResultAndSameKernel(string what, string members, string? args = null)
    {
        string ours = Picture(members, args, reference: false), theirs = Picture(members, args, reference: true);
        Assert.True(ours == theirs, $"{what}\n--- ours\n{ours}\n--- theirs\n{theirs}");
    }

    /// <summary>The picture is not blind: another configuration is another picture.</summary>
    [Fact]
    [Trait("cni", "A13")]
    public void OtherConfiguration_OtherPicture()
    {
        string plain = Picture("{}", null, reference: false);
        foreach (string members in (string[])["""{"isGateway":true}""", """{"mtu":1380}""", """{"hairpinMode":true}""", """{"promiscMode":true}""", """{"ipam":{"subnet":"10.88.0.0/25"}}"""])
            Assert.NotEqual(plain, Picture(members, null, reference: false));
    }

    /// <summary>Both refuse, and what stood there stays; or both take the address over.</summary>
    [Theory]
    [Trait("cni", "A06")]
    [InlineData(false)]
    [InlineData(true)]
    public void ForceAddress_DecidesAboutAnotherAddressOfTheBridge(bool force)
    {
        foreach (bool reference in (bool[])[false, true])
        {
            using var host = new HostNamespace();
            host.Ip($"link add {Net.Bridge} type bridge");
            host.Ip($"addr add 10.99.0.1/24 dev {Net.Bridge}");
            PluginOutcome outcome = Run(host, host.NewPod(), "ADD", JsonNode.Parse($$"""{"isGateway":true,"forceAddress":{{(force ? "true" : "false")}}}""")!.AsObject(), null, reference);
            Assert.Equal(force, outcome.Ok);
            Assert.Equal(force ? ["10.88.0.1/24"] : ["10.99.0.1/24"], host.Addresses(Net.Bridge));
        }
    }

    private static PluginOutcome Run(HostNamespace host, Pod pod, string verb, JsonObject members, string? args, bool reference)
    {
        var config = new JsonObject { ["cniVersion"] = "1.0.0", ["name"] = "proof", ["type"] = reference ? "bridge" : "twill", ["bridge"] = Net.Bridge, ["ipam"] = new JsonObject { ["subnet"] = "10.88.0.0/24" } };
        foreach ((string key, JsonNode? value) in members) config[key] = value?.DeepClone();
        if (config["ipam"] is JsonObject ipam)
        {
            ipam["type"] = "host-local";
            ipam["dataDir"] = Path.Combine(Artifacts.Scratch, $"side-{Interlocked.Increment(ref s_count)}");
        }
        else
        {
            config["ipam"] = new JsonObject();
        }

        return (new PluginRun(verb) { Binary = reference ? Artifacts.Reference("bridge") : Artifacts.Plugin, Args = args }.Of(pod)).WithConfig(config).In(host);
    }

    /// <summary>Result and kernel as text, with what differs on purpose made equal.</summary>
    private static string Picture(string members, string? args, bool reference)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        JsonObject config = JsonNode.Parse(members)!.AsObject();
        JsonObject json = Run(host, pod, "ADD", config, args, reference).Succeeded().Json!;
        bool macIsTold = members.Contains("c2:11", StringComparison.Ordinal) || args is not null;
        host.Settle();
        string hostEnd = (string)json["interfaces"]![1]!["name"]!;
        var lines = new List<string>();
        foreach (JsonNode? link in json["interfaces"]!.AsArray()) lines.Add($"result interface {Neutral((string)link!["name"]!)} {(macIsTold && link["sandbox"] is not null ? link["mac"] : "")} sandbox {(string?)link["sandbox"] == pod.Path}");
        foreach (JsonNode? ip in json["ips"]?.AsArray() ?? []) lines.Add($"result ip {ip!["address"]} gateway {ip["gateway"]} interface {ip["interface"]}");
        foreach (JsonNode? route in json["routes"]?.AsArray() ?? []) lines.Add($"result route {route!["dst"]} gw {route["gw"] ?? json["ips"]![0]!["gateway"]}");
        lines.Add($"result dns {(json["dns"] is JsonObject { Count: > 0 } dns ? dns.ToJsonString() : "")}");

        foreach (string address in pod.Addresses("eth0").Order(StringComparer.Ordinal)) lines.Add($"pod address {address}");
        foreach (RouteState route in pod.Routes()) lines.Add($"pod route {route.Destination} via {route.Gateway}");
        LinkState inside = pod.Links().Single();
        lines.Add($"pod link {inside.Name} {inside.Kind} mtu {inside.Mtu} up {inside.Up}");
        foreach (LinkState link in host.Look().Links.Where(l => l.Name != "lo").OrderBy(l => Neutral(l.Name), StringComparer.Ordinal)) lines.Add($"host link {Neutral(link.Name)} {link.Kind} mtu {link.Mtu} up {link.Up} master {link.Master} promisc {(int?)link.Json["promiscuity"] > 0 && link.Kind == "bridge"}");
        foreach (string address in host.Addresses(Net.Bridge).Order(StringComparer.Ordinal)) lines.Add($"bridge address {address}");
        lines.Add($"port hairpin {host.Port(hostEnd)!["hairpin"]} isolated {host.Port(hostEnd)!["isolated"]} learning {host.Port(hostEnd)!["learning"]} state {host.Port(hostEnd)!["state"]}");
        lines.Add($"forwarding {host.Sysctl("net/ipv4/ip_forward")} {host.Sysctl("net/ipv6/conf/all/forwarding")}");
        lines.Add($"masquerade {host.Exec("nft", ["list", "ruleset"]).Succeeded().Contains("asquerade", StringComparison.OrdinalIgnoreCase)}");

        PluginOutcome deleted = Run(host, pod, "DEL", config, args, reference).Succeeded();
        lines.Add($"after DEL {deleted.ExitCode}: {string.Join(' ', host.Look().Links.Select(l => Neutral(l.Name)).Order(StringComparer.Ordinal))}; pod {pod.Links().Count}");
        return string.Join('\n', lines);

        string Neutral(string name) => name == hostEnd ? "HOSTEND" : name;
    }
}
