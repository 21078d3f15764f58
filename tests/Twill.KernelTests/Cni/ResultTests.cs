using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>The result object (checklist section 8) for each version, from the published executable.</summary>
public sealed class ResultTests
{
    private const string Routes = """[{"dst":"198.51.100.0/24","gw":"10.88.0.9","mtu":1300,"advmss":1200,"priority":77,"table":100},{"dst":"192.0.2.128/25","gw":"10.88.0.9","scope":0}]""";

    private static readonly string[] s_youngFields = ["mtu", "socketPath", "pciID", "advmss", "priority", "table", "scope"];

    public static TheoryData<string> Versions => AddTests.Versions;

    private static Net Rich(string version) => Net.Dual().With("cniVersion", version).With("ipam.routes", JsonNode.Parse(Routes)).With("dns", JsonNode.Parse("""{"nameservers":["10.96.0.10"]}"""));

    /// <summary>Every version: the form and nothing of a younger one; all of it true; and enough for CHECK and DEL.</summary>
    [Theory]
    [MemberData(nameof(Versions))]
    [Trait("cni", "R01")]
    [Trait("cni", "R04")]
    [Trait("cni", "R05")]
    [Trait("cni", "R06")]
    [Trait("cni", "R10")]
    public void Result_OfEachVersion_HasItsFormAndIsTrue(string version)
    {
        using var one = new OnePod(Rich(version));
        JsonObject json = one.Json;
        bool old = version is "0.1.0" or "0.2.0", young = version == "1.1.0";
        Assert.Equal(version, (string?)json["cniVersion"]);
        Assert.Equal(old ? ["cniVersion", "ip4", "ip6", "dns"] : ["cniVersion", "interfaces", "ips", "routes", "dns"], json.Select(p => p.Key));
        if (old)
        {
            Assert.Equal(["ip", "gateway", "routes"], json["ip4"]!.AsObject().Select(p => p.Key));
            Assert.Equal(("10.88.0.2/24", "10.88.0.1", "fd88::1"), ((string?)json["ip4"]!["ip"], (string?)json["ip4"]!["gateway"], (string?)json["ip6"]!["gateway"]));
        }
        else
        {
            Assert.Equal(version.StartsWith('0') ? ["4", "6"] : [null, null], json["ips"]!.AsArray().Select(i => (string?)i!["version"]));
            Assert.Equal(young ? [1500, 1500, 1500] : new int?[3], json["interfaces"]!.AsArray().Select(i => (int?)i!["mtu"]));
            JsonNode route = json["routes"]!.AsArray().Single(r => (string?)r!["dst"] == "198.51.100.0/24")!;
            Assert.Equal(young ? """{"dst":"198.51.100.0/24","gw":"10.88.0.9","mtu":1300,"advmss":1200,"priority":77,"table":100}""" : """{"dst":"198.51.100.0/24","gw":"10.88.0.9"}""", route.ToJsonString());
        }

        if (!young) Assert.DoesNotContain(s_youngFields, f => json.ToJsonString().Contains($"\"{f}\"", StringComparison.Ordinal));
        Assert.Empty(Truth.Problems(one.Host, one.Pod, "eth0", json));
        if (string.CompareOrdinal(version, "0.4.0") >= 0) one.Check().Succeeded();
        one.Del().Succeeded();
        one.MustBeGone();
    }

    [Fact]
    [Trait("cni", "R02")]
    [Trait("cni", "R03")]
    public void Interfaces_AreAllThatWereMade_AndIpsPointToThePods()
    {
        using var one = new OnePod(Net.Dual());
        Assert.Equal([Net.Bridge, one.HostEnd, "eth0"], one.Result.Interfaces.Select(i => i.Name));
        Assert.Equal(["", "", one.Pod.Path], one.Result.Interfaces.Select(i => i.Sandbox));
        Assert.Equal([2, 2], one.Result.Ips.Select(i => i.Interface));
        Assert.Equal(one.Host.Look().Links.Select(l => l.Name).Where(n => n != "lo" && !n.StartsWith("ti", StringComparison.Ordinal)).Order(StringComparer.Ordinal), one.Result.Interfaces.Take(2).Select(i => i.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>The old form must have an address: an attachment without one has no result in it, so there is no attachment.</summary>
    [Theory]
    [Trait("cni", "R06")]
    [InlineData("0.1.0", null)]
    [InlineData("0.2.0", null)]
    [InlineData("0.2.0", """{"ranges":[[{"subnet":"10.88.0.0/24"}],[{"subnet":"10.88.1.0/24"}]]}""")]
    public void OldForm_ThatCannotCarryIt_IsAnErrorAndLeavesNothing(string version, string? ipam)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        Net net = Net.Plain(cniVersion: version).With("ipam", ipam is null ? null : JsonNode.Parse(ipam)).With("isDefaultGateway", false);
        net.Add(host, pod).FailedBySpec();
        Assert.Empty(pod.Links());
        Assert.Empty(net.Audit(host));
    }

    [Fact]
    [Trait("cni", "R07")]
    public void Dns_IsInformationOnly_AndOmittedWhenEmpty()
    {
        using var one = new OnePod(Net.Plain());
        Assert.Null(one.Json["dns"]);
        string file = Path.Combine(Artifacts.Scratch, "resolv.conf");
        File.WriteAllText(file, "# a comment\nnameserver 192.0.2.53\nsearch a.example b.example\noptions ndots:2\n");
        TracedRun add = TracedRun.Of(one.Net.With("ipam.resolvConf", file).Call("ADD", one.Host.NewPod()), one.Host, Strike.Never);
        Assert.Equal("""{"nameservers":["192.0.2.53"],"search":["a.example","b.example"],"options":["ndots:2"]}""", add.Outcome.Succeeded().Json!["dns"]!.ToJsonString());
        Assert.DoesNotContain(add.Report.Written, p => p.Contains("resolv", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    [Trait("cni", "R08")]
    [Trait("cni", "L05")]
    public void AsIpamPlugin_ResultHasNoInterfaces(string version)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        Net net = Net.Dual().With("cniVersion", version).With("type", "bridge").With("ipam.type", "twill");
        JsonObject json = net.Call("ADD", pod).In(host).Succeeded().Json!;
        Assert.Null(json["interfaces"]);
        if (json["ips"] is JsonArray ips) Assert.All(ips, i => Assert.Null(i!["interface"]));
        Assert.Contains("10.88.0.", json.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("v4v6", string.Concat(host.Look().Links.Where(l => l.Kind == "veth").SelectMany(Audit.Claims).Select(a => a.Contains(':', StringComparison.Ordinal) ? "v6" : "v4").Order(StringComparer.Ordinal)));
        net.Call("DEL", pod).In(host).Succeeded();
        Assert.Empty(net.Audit(host));
    }

    /// <summary>All that a version's form can say of another plugin's result is still there when it comes out.</summary>
    [Theory]
    [Trait("cni", "R09")]
    [InlineData("0.3.1", """{"interfaces":[{"name":"a","mac":"0a:00:00:00:00:01","sandbox":"/x"}],"ips":[{"version":"6","address":"2001:db8::7/64","gateway":"2001:db8::1","interface":0}],"routes":[{"dst":"2001:db8:1::/64","gw":"2001:db8::1"}],"dns":{"nameservers":["192.0.2.1"],"domain":"d","search":["s"],"options":["o"]}}""")]
    [InlineData("1.0.0", """{"interfaces":[{"name":"a","mac":"0a:00:00:00:00:01","sandbox":"/x"}],"ips":[{"address":"2001:db8::7/64","gateway":"2001:db8::1","interface":0}],"routes":[{"dst":"2001:db8:1::/64","gw":"2001:db8::1"}],"dns":{"nameservers":["192.0.2.1"],"domain":"d","search":["s"],"options":["o"]}}""")]
    [InlineData("1.1.0", """{"interfaces":[{"name":"a","mac":"0a:00:00:00:00:01","mtu":1400,"sandbox":"/x","socketPath":"/s","pciID":"0000:00:1f.6"}],"ips":[{"address":"2001:db8::7/64","gateway":"2001:db8::1","interface":0}],"routes":[{"dst":"2001:db8:1::/64","gw":"2001:db8::1","mtu":1300,"advmss":1200,"priority":5,"table":100,"scope":0}],"dns":{"nameservers":["192.0.2.1"],"domain":"d","search":["s"],"options":["o"]}}""")]
    public void PrevResult_LosesNothing(string version, string previous)
    {
        using var host = new HostNamespace();
        JsonNode before = JsonNode.Parse(previous)!;
        JsonObject after = Net.Plain(cniVersion: version).Call("ADD", host.NewPod(), prevResult: before).In(host).Succeeded().Json!;
        foreach (string list in (string[])["interfaces", "ips", "routes"]) Assert.True(JsonNode.DeepEquals(before[list]![0], after[list]![0]), after.ToJsonString());
        Assert.Equal(before["dns"]!.ToJsonString(), after["dns"]!.ToJsonString());
    }

    [Theory]
    [Trait("cni", "R09")]
    [InlineData("0.1.0")]
    [InlineData("0.2.0")]
    public void PrevResult_OfTheOldForm_LosesNothing(string version)
    {
        const string previous = """{"ip6":{"ip":"2001:db8::7/64","gateway":"2001:db8::1","routes":[{"dst":"2001:db8:1::/64","gw":"2001:db8::1"}]},"dns":{"nameservers":["192.0.2.1"]}}""";
        using var host = new HostNamespace();
        JsonNode before = JsonNode.Parse(previous)!;
        JsonObject after = Net.Plain(cniVersion: version).Call("ADD", host.NewPod(), prevResult: before).In(host).Succeeded().Json!;
        Assert.Equal(before["ip6"]!.ToJsonString(), after["ip6"]!.ToJsonString());
        Assert.Equal("10.88.0.2/24", (string?)after["ip4"]!["ip"]);
    }
}
