using System.Text;
using System.Text.Json.Nodes;
using Twill.Cni;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>What stands on stdin (checklist section 2), told to the published executable.</summary>
public sealed class ConfigurationTests
{
    private const string Good = """{"cniVersion":"1.1.0","name":"proof","type":"twill","bridge":"twproof0","isDefaultGateway":true,"ipam":{"subnet":"10.88.0.0/24"}}""";

    private static PluginOutcome Add(HostNamespace host, string input, string? args = null) => (new PluginRun("ADD") { Input = Encoding.UTF8.GetBytes(input), Args = args }).Of(host.NewPod()).In(host);

    private static string With(string members) => $"{Good[..^1]},{members}}}";

    [Fact]
    [Trait("cni", "C01")]
    public void Input_IsOnePlugin_NeverTheList()
    {
        using var host = new HostNamespace();
        Add(host, Good).Succeeded();
        Assert.Contains("list", Add(host, $$"""{"cniVersion":"1.1.0","plugins":[{{Good}}]}""").FailedBySpec(7).Message, StringComparison.Ordinal);
        Add(host, $"[{Good}]").FailedBySpec(6, 7);
    }

    [Theory]
    [Trait("cni", "C02")]
    [InlineData("exec \"$0\" <&-", 5)]
    [InlineData("exec \"$0\" < /", 5)]
    [InlineData("exec \"$0\" < /dev/null", 6)]
    [InlineData("printf '%s' '{\"cniVersion\":\"1.1.0\"' | \"$0\"", 6)]
    [InlineData("head -c 65536 /dev/urandom | \"$0\"", 6)]
    [InlineData("printf '%s' '{}{}' | \"$0\"", 6)]
    [InlineData("printf '%s' '{}' | \"$0\"", 7)]
    public void Input_Unreadable_IsTheRightCode(string script, int code)
    {
        using var host = new HostNamespace();
        string before = host.Dump();
        foreach (string verb in (string[])["ADD", "CHECK", "STATUS"])
        {
            // A request without a version is the oldest version's, which has no CHECK and no STATUS.
            int expected = code == 7 && verb != "ADD" ? 1 : code;
            Net.Plain().Call(verb, host.NewPod()).InShell(host, script).FailedBySpec(expected);
        }

        Assert.Equal(before, host.Dump());
    }

    [Theory]
    [Trait("cni", "C03")]
    [InlineData("\"name\":\"\"")]
    [InlineData("\"name\":\"-a\"")]
    [InlineData("\"name\":\"a/b\"")]
    [InlineData("\"name\":\"../x\"")]
    [InlineData("\"name\":\"a b\"")]
    [InlineData("\"x\":1")]
    public void Name_MissingOrBad_IsCode7(string member)
    {
        using var host = new HostNamespace();
        Assert.Contains("name", Add(host, Good.Replace("\"name\":\"proof\"", member, StringComparison.Ordinal)).FailedBySpec(7).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("cni", "C04")]
    [Trait("cni", "R06")]
    public void CniVersion_Missing_MeansTheOldest()
    {
        using var host = new HostNamespace();
        JsonObject json = Add(host, Good.Replace("\"cniVersion\":\"1.1.0\",", "", StringComparison.Ordinal)).Succeeded().Json!;
        Assert.Equal("10.88.0.2/24", (string?)json["ip4"]?["ip"]);
        Assert.Null(json["ips"]);
    }

    [Theory]
    [Trait("cni", "C05")]
    [Trait("cni", "X05")]
    [InlineData("1.1")]
    [InlineData("1.2.0")]
    [InlineData("v1.1.0")]
    [InlineData("1.1.0 ")]
    [InlineData("0.4.1")]
    [InlineData("2.0.0")]
    public void CniVersion_NotOurs_IsCode1WithBothVersions(string version)
    {
        using var host = new HostNamespace();
        string before = host.Dump();
        PluginOutcome outcome = Add(host, Good.Replace("1.1.0", version, StringComparison.Ordinal)).FailedBySpec(1);
        Assert.Contains(version, (string?)outcome.Json!["details"], StringComparison.Ordinal);
        Assert.Contains("1.1.0", (string?)outcome.Json!["details"], StringComparison.Ordinal);
        Assert.Equal(version, (string?)outcome.Json!["cniVersion"]);
        Assert.Equal(before, host.Dump());
    }

    [Theory]
    [Trait("cni", "C06")]
    [InlineData("CHECK", "0.3.1", false)]
    [InlineData("CHECK", "0.4.0", true)]
    [InlineData("GC", "1.0.0", false)]
    [InlineData("GC", "1.1.0", true)]
    [InlineData("STATUS", "1.0.0", false)]
    [InlineData("STATUS", "1.1.0", true)]
    public void Verb_YoungerThanTheVersion_IsCode1(string verb, string version, bool allowed)
    {
        using var one = new OnePod(Net.Plain(cniVersion: version));
        PluginOutcome outcome = one.Call(verb).In(one.Host);
        if (allowed) outcome.Succeeded();
        else outcome.FailedBySpec(1);
    }

    /// <summary>prevResult is read by the request's own version, and comes out again in it.</summary>
    [Theory]
    [Trait("cni", "C08")]
    [Trait("cni", "A04")]
    [InlineData("0.3.0", """{"interfaces":[{"name":"dummy0"}],"ips":[{"version":"4","address":"192.0.2.7/24","interface":0}]}""")]
    [InlineData("0.4.0", """{"interfaces":[{"name":"dummy0"}],"ips":[{"version":"4","address":"192.0.2.7/24","interface":0}]}""")]
    [InlineData("1.0.0", """{"interfaces":[{"name":"dummy0"}],"ips":[{"address":"192.0.2.7/24","interface":0}]}""")]
    [InlineData("1.1.0", """{"interfaces":[{"name":"dummy0","mtu":1234}],"ips":[{"address":"192.0.2.7/24","interface":0}]}""")]
    public void PrevResult_IsOfTheRequestsVersion(string version, string previous)
    {
        using var host = new HostNamespace();
        JsonObject json = Add(host, With($"\"prevResult\":{previous}").Replace("1.1.0", version, StringComparison.Ordinal)).Succeeded().Json!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(previous)!["interfaces"]![0], json["interfaces"]![0]), json.ToJsonString());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(previous)!["ips"]![0], json["ips"]![0]), json.ToJsonString());
        Assert.Equal(3, (int)json["ips"]![1]!["interface"]!);
    }

    [Fact]
    [Trait("cni", "C08")]
    public void PrevResult_Malformed_IsAnErrorOnAdd()
    {
        using var host = new HostNamespace();
        Add(host, With("""
            "prevResult":{"ips":[{"address":"nonsense"}]}
            """)).FailedBySpec(6, 7);
        Add(host, With("\"prevResult\":7")).FailedBySpec(6, 7);
    }

    /// <summary>The library hands a plugin what it declared, and nothing else; capabilities itself never arrives, and would do no harm.</summary>
    [Fact]
    [Trait("cni", "C09")]
    [Trait("cni", "P06")]
    public void RuntimeConfig_HoldsWhatWasDeclared()
    {
        const string offer = """{"mac":"0a:00:00:00:00:07","ips":["10.88.0.99"],"portMappings":[{"hostPort":80,"containerPort":80,"protocol":"tcp"}]}""";
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        var list = new ListRun(host, $$"""{"cniVersion":"1.1.0","name":"proof","plugins":[{{With("\"capabilities\":{\"mac\":true,\"ips\":false}")}}]}""", offer);
        AddResult result = list.Add(pod).Succeeded().Result;
        Assert.Equal("0a:00:00:00:00:07", result.Interfaces[2].Mac);
        Assert.NotEqual("10.88.0.99", result.Addresses[0]);
        Add(host, With("\"capabilities\":{\"portMappings\":true}")).Succeeded();
    }

    [Theory]
    [Trait("cni", "C10")]
    [Trait("cni", "C11")]
    [InlineData("\"cni.dev/unknown\":{\"a\":[1,2]}")]
    [InlineData("\"cni.dev/attachments\":[]")]
    [InlineData("\"args\":{\"other\":{\"x\":1}}")]
    [InlineData("\"runtimeConfig\":{\"unknown\":[1]}")]
    [InlineData("\"vendor\":{\"deep\":[[{}]]}")]
    public void UnknownKeys_AreNoHarm(string member)
    {
        using var host = new HostNamespace();
        Add(host, With(member)).Succeeded();
    }

    [Theory]
    [Trait("cni", "C11")]
    [Trait("cni", "X02")]
    [InlineData("vlan", "100")]
    [InlineData("vlanTrunk", "[{\"id\":7}]")]
    public void KnownKeys_ThatCannotBeHonoured_AreCode2WithKeyAndValue(string key, string value)
    {
        using var host = new HostNamespace();
        string before = host.Dump();
        PluginOutcome outcome = Add(host, With($"\"{key}\":{value}")).FailedBySpec(2);
        Assert.Contains(key, outcome.Message, StringComparison.Ordinal);
        Assert.Contains(value, outcome.Message, StringComparison.Ordinal);
        Assert.Equal(before, host.Dump());
    }

    [Fact]
    [Trait("cni", "C12")]
    public void WellKnownKeys_KeepTheirMeaning()
    {
        using var host = new HostNamespace();
        JsonObject json = Add(host, With("""
            "ipMasq":true,"dns":{"nameservers":["10.96.0.10"],"domain":"cluster.local","search":["svc.cluster.local"],"options":["ndots:5"]}
            """)).Succeeded().Json!;
        Assert.Equal("""{"nameservers":["10.96.0.10"],"domain":"cluster.local","search":["svc.cluster.local"],"options":["ndots:5"]}""", json["dns"]!.ToJsonString());
        Assert.Contains(host.Look().Rules, r => r.Kind == "rule" && r.Text.Contains("masquerade", StringComparison.Ordinal) && r.Text.Contains("10.88.0.0", StringComparison.Ordinal));
        using var script = new ScriptPlugin();
        string delegated = Good.Replace("{\"subnet\":\"10.88.0.0/24\"}", "{\"type\":\"script\"}", StringComparison.Ordinal);
        Assert.Equal("10.88.0.77/24", (new PluginRun("ADD") { Input = Encoding.UTF8.GetBytes(delegated), CniPath = script.Directory }).Of(host.NewPod()).In(host).Succeeded().Result.Ips[0].Address);
    }

    [Fact]
    [Trait("cni", "C13")]
    public void ArgsOfTheConfiguration_OverrideTheEnvironments()
    {
        const string environment = "IgnoreUnknown=1;IP=10.88.0.50;MAC=0a:00:00:00:00:50";
        using var host = new HostNamespace();
        AddResult plain = Add(host, Good, environment).Succeeded().Result;
        Assert.Equal(("10.88.0.50", "0a:00:00:00:00:50"), (plain.Addresses[0], plain.Interfaces[2].Mac));
        AddResult overridden = Add(host, With("""
            "args":{"cni":{"ips":["10.88.0.60"],"mac":"0a:00:00:00:00:60","labels":[{"key":"a","value":"b"}]}}
            """), environment).Succeeded().Result;
        Assert.Equal(("10.88.0.60", "0a:00:00:00:00:60"), (overridden.Addresses[0], overridden.Interfaces[2].Mac));
    }

    /// <summary>One file for every runtime: each takes the newest version that it knows.</summary>
    [Theory]
    [Trait("cni", "C14")]
    [Trait("cni", "C15")]
    [InlineData("0.3.1", "0.3.1")]
    [InlineData("0.4.0", "0.3.1\", \"0.4.0")]
    [InlineData("1.0.0", "0.3.1\", \"0.4.0\", \"1.0.0")]
    [InlineData("1.1.0", "0.3.1\", \"0.4.0\", \"1.0.0\", \"1.1.0\", \"9.9.9")]
    public void List_WithAllItsKeys_WorksWithEachRuntime(string picked, string known)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        var list = new ListRun(host, $$$"""
            {"cniVersion":"0.3.1","cniVersions":["{{{known}}}"],"name":"proof","disableCheck":false,"disableGC":false,"loadOnlyInlinedPlugins":true,
             "plugins":[{"type":"twill","bridge":"twproof0","isDefaultGateway":true,"capabilities":{"mac":true,"ips":true,"bandwidth":true,"ipRanges":true,"dns":true},"ipam":{"subnet":"10.88.0.0/24"}}]}
            """);
        Assert.Equal(picked, list.List.CniVersion.Text);
        Assert.Equal(picked, (string?)list.Add(pod).Succeeded().Json!["cniVersion"]);
        Assert.Empty(Truth.Problems(host, pod, "eth0", list.Cached!.Json!));
        if (list.List.Allows(CniVerb.Check)) list.Check(pod).Succeeded();
        if (list.List.Allows(CniVerb.Status)) list.Status().Succeeded();
        if (list.List.Allows(CniVerb.Gc)) list.Gc(new CniAttachment(pod.ContainerId, "eth0")).Succeeded();
        Assert.Single(pod.Links());
        list.Del(pod).Succeeded();
        Assert.Empty(pod.Links());
    }
}
