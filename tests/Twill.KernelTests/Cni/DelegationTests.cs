using System.Text;
using System.Text.Json.Nodes;
using Twill.Cni;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>Other address managers under us, and we under other interface plugins (checklist section 10).</summary>
public sealed class DelegationTests
{
    private static Net Scripted(string type = "script") => Net.Plain().With("ipam", new JsonObject { ["type"] = type });

    [Fact]
    [Trait("cni", "L01")]
    public void Delegate_IsTheFirstOnCniPath()
    {
        using var first = new ScriptPlugin();
        using var second = new ScriptPlugin();
        using var host = new HostNamespace();
        PluginRun add = Scripted().Call("ADD", host.NewPod());
        (add with { CniPath = $"/nowhere::{first.Directory}:{second.Directory}" }).In(host).Succeeded();
        Assert.Equal(["ADD"], first.Calls);
        Assert.Empty(second.Calls);
    }

    [Theory]
    [Trait("cni", "L01")]
    [InlineData("../script", 7)]
    [InlineData("/bin/true", 7)]
    [InlineData("..", 7)]
    [InlineData("nobody", 4)]
    public void Delegate_ThatIsNoNameOrNotThere_IsRefusedAndNothingRuns(string type, int code)
    {
        using var script = new ScriptPlugin();
        using var host = new HostNamespace();
        string before = host.Dump(), sub = Path.Combine(script.Directory, "sub");
        Directory.CreateDirectory(sub);
        TracedRun add = TracedRun.Of(Scripted(type).Call("ADD", host.NewPod()) with { CniPath = sub }, host, Strike.Never);
        Assert.Contains(type, add.Outcome.FailedBySpec(code).Message, StringComparison.Ordinal);
        Assert.Empty(add.Report.Execs);
        Assert.Empty(script.Calls);
        Assert.Equal(before, host.Dump());
    }

    [Fact]
    [Trait("cni", "L02")]
    public void Delegate_GetsTheSameEnvironmentAndTheWholeConfiguration_AndItsStderrIsOurs()
    {
        using var script = new ScriptPlugin();
        script.On("ADD", $"echo beware >&2; {ScriptPlugin.Success}");
        using var host = new HostNamespace();
        PluginRun add = Scripted().With("vendor", new JsonObject { ["a"] = new JsonArray(1, 2) }).Call("ADD", host.NewPod()) with { CniPath = script.Directory, Args = "IgnoreUnknown=1;A=b", Environment = ["EXTRA=yes"] };
        Assert.Contains("beware", add.In(host).Succeeded().Error, StringComparison.Ordinal);
        Assert.Equal(Encoding.UTF8.GetString(add.Input.Span), script.InputOf("ADD"));
        string[] environment = script.EnvironmentOf("ADD").Split('\n');
        foreach (string variable in add.Variables()) Assert.Contains(variable, environment);
    }

    [Fact]
    [Trait("cni", "L03")]
    public void Delegate_ItsResultBecomesTheAttachment()
    {
        using var script = new ScriptPlugin();
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        JsonObject json = (Scripted().Call("ADD", pod) with { CniPath = script.Directory }).In(host).Succeeded().Json!;
        Assert.Equal(["10.88.0.77/24"], pod.Addresses("eth0"));
        Assert.Equal("10.88.0.53", (string?)json["dns"]!["nameservers"]![0]);
        Assert.Contains(pod.Routes(), r => r is { Destination: "198.51.100.0/24", Gateway: "10.88.0.1" });
        Assert.Empty(Truth.Problems(host, pod, "eth0", json));
        Assert.Equal(["10.88.0.1/24"], host.Addresses(Net.Bridge));
    }

    [Theory]
    [Trait("cni", "L04")]
    [Trait("cni", "A07")]
    [Trait("cni", "A06")]
    [InlineData("its route cannot be made", """echo '{"cniVersion":"1.1.0","ips":[{"address":"10.88.0.77/24"}],"routes":[{"dst":"198.51.100.0/24","gw":"203.0.113.1"}]}'""", 103)]
    [InlineData("it fails by the specification", """echo '{"cniVersion":"1.1.0","code":142,"msg":"no more"}'; exit 1""", 142)]
    [InlineData("it fails without a word", "exit 3", 104)]
    [InlineData("it is killed", "kill -9 $$", 104)]
    [InlineData("it prints garbage", "echo Segmentation fault", 6)]
    [InlineData("it prints garbage and fails", "echo oops; exit 1", 104)]
    [InlineData("it prints nothing", "exit 0", 6)]
    [InlineData("it prints half", """printf '{"cniVersion":"1.1.0","ips":[{"addr'""", 6)]
    [InlineData("it gives no address", """echo '{"cniVersion":"1.1.0"}'""", 104)]
    [InlineData("its address is none", """echo '{"cniVersion":"1.1.0","ips":[{"address":"10.88.0.300/24"}]}'""", 7)]
    public void Delegate_OrWhatFollowsFails_ItIsToldToFree(string why, string script, int code)
    {
        using var plugin = new ScriptPlugin();
        plugin.On("ADD", script);
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        PluginOutcome outcome = (Scripted().Call("ADD", pod) with { CniPath = plugin.Directory }).In(host).FailedBySpec(code, code == 7 ? 6 : code);
        Assert.True(plugin.Calls.SequenceEqual(["ADD", "DEL"]), $"{why}: {string.Join(' ', plugin.Calls)}: {outcome}");
        Assert.Empty(pod.Links());
        Assert.Empty(Net.Plain().Audit(host));
    }

    /// <summary>A delegate that hangs: nothing of ours has been made before it answers, so a runtime that gives up leaves nothing.</summary>
    [Fact]
    [Trait("cni", "A07")]
    public void Delegate_Hangs_NothingIsMadeMeanwhile()
    {
        using var script = new ScriptPlugin();
        script.On("ADD", "exec sleep 3");
        using var host = new HostNamespace();
        string before = host.Dump();
        PluginOutcome outcome = (Scripted().Call("ADD", host.NewPod()) with { CniPath = script.Directory, TimeoutMs = 700 }).In(host);
        Assert.True(outcome.TimedOut);
        Assert.Equal("", outcome.Output);
        Assert.Equal(before, host.Dump());
    }

    /// <summary>host-local is ours: its file on CNI_PATH is not executed. Any other name is.</summary>
    [Theory]
    [Trait("cni", "L01")]
    [Trait("cni", "L05")]
    [InlineData("""{"type":"host-local","subnet":"10.88.0.0/24"}""", "10.88.0.2/24", null)]
    [InlineData("""{"type":"static","addresses":[{"address":"10.88.0.66/24","gateway":"10.88.0.1"}],"routes":[{"dst":"198.51.100.0/24"}],"dns":{"nameservers":["192.0.2.1"]}}""", "10.88.0.66/24", "/usr/lib/cni/static")]
    [InlineData("""{"type":"their-host-local","dataDir":"DATA","ranges":[[{"subnet":"10.88.0.0/24","rangeStart":"10.88.0.40"}]]}""", "10.88.0.40/24", "BIN/their-host-local")]
    public void RealPlugins_UnderUs_AreExecutedUnlessTheyAreHostLocal(string ipam, string address, string? executed)
    {
        string data = Path.Combine(Artifacts.Scratch, "leases-under-us"), theirs = Path.Combine(ListRun.TwillDirectory, "their-host-local");
        if (!File.Exists(theirs)) File.Copy(Artifacts.Reference("host-local"), theirs);
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        Net net = Net.Plain(cniVersion: "1.0.0").With("ipam", JsonNode.Parse(ipam.Replace("DATA", data, StringComparison.Ordinal)));
        TracedRun add = TracedRun.Of(net.Call("ADD", pod) with { CniPath = ListRun.Path }, host, Strike.Never);
        Assert.Equal(address, add.Outcome.Succeeded().Result.Ips[0].Address);
        Assert.Equal(executed is null ? [] : [executed.Replace("BIN", ListRun.TwillDirectory, StringComparison.Ordinal)], add.Report.Execs);
        Assert.Empty(Truth.Problems(host, pod, "eth0", add.Outcome.Json!));
        PluginRun Again(string verb) => net.Call(verb, pod, prevResult: add.Outcome.Json) with { CniPath = ListRun.Path };
        Again("CHECK").In(host).Succeeded();
        if (executed is not null)
        {
            Pod second = host.NewPod();
            if (ipam.Contains("DATA", StringComparison.Ordinal)) Assert.Equal("10.88.0.41", (net.Call("ADD", second) with { CniPath = ListRun.Path }).In(host).Succeeded().Result.Addresses[0]);
            (net.Call("DEL", second) with { CniPath = ListRun.Path }).In(host).Succeeded();
        }

        Again("DEL").In(host).Succeeded();
        Assert.Empty(pod.Links());
        if (ipam.Contains("DATA", StringComparison.Ordinal)) Assert.Empty(Directory.EnumerateFiles(Path.Combine(data, "proof"), "10.*"));
    }

    /// <summary>The wish is the delegate's to honour; CHECK must not ask our ranges for it.</summary>
    [Fact]
    [Trait("cni", "L02")]
    [Trait("cni", "P03")]
    public void RealStatic_WithTheIpsCapability_HonoursTheWish()
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        var list = new ListRun(host, """{"cniVersion":"1.0.0","name":"proof","plugins":[{"type":"twill","bridge":"twproof0","capabilities":{"ips":true},"ipam":{"type":"static"}}]}""", """{"ips":["10.88.0.99/24"]}""");
        Assert.Equal("10.88.0.99/24", list.Add(pod).Succeeded().Result.Ips[0].Address);
        list.Check(pod).Succeeded();
        list.Del(pod).Succeeded();
        Assert.Empty(pod.Links());
    }

    /// <summary>Twill gives the address, the reference interface plugin does the rest.</summary>
    [Theory]
    [Trait("cni", "L05")]
    [InlineData("0.3.1", """{"type":"bridge","bridge":"ref0","isDefaultGateway":true,""", """,[{"subnet":"fd88::/64"}]""")]
    [InlineData("1.0.0", """{"type":"bridge","bridge":"ref0","isDefaultGateway":true,""", """,[{"subnet":"fd88::/64"}]""")]
    [InlineData("1.0.0", """{"type":"macvlan","master":"up0",""", "")]
    [InlineData("1.0.0", """{"type":"ptp",""", "")]
    public void UnderTheReferencePlugins_WeGiveTheAddresses(string version, string plugin, string more)
    {
        using var host = new HostNamespace();
        host.Ip("link add up0 type veth peer name up1");
        host.Ip("link set up0 up");
        host.Ip("link set up1 up");
        var list = new ListRun(host, $$$"""{"cniVersion":"{{{version}}}","name":"proof","plugins":[{{{plugin}}}"ipam":{"type":"twill","ranges":[[{"subnet":"10.88.0.0/29"}]{{{more}}}]}}]}""");
        Pod first = host.NewPod(), second = host.NewPod();
        AddResult one = list.Add(first).Succeeded().Result;
        if (version == "1.0.0") list.Check(first).Succeeded();
        Assert.Equal(one.Ips.Select(i => i.Address).Order(StringComparer.Ordinal), first.Addresses("eth0").Order(StringComparer.Ordinal));
        AddResult two = list.Add(second).Succeeded().Result;
        Assert.Empty(one.Addresses.Intersect(two.Addresses));

        // Five addresses; the sixth pod is refused, and the reference plugin passes our error on. What it left of its own goes with its DEL.
        for (int i = 0; i < 3; i++) list.Add(host.NewPod()).Succeeded();
        Pod sixth = host.NewPod();
        Assert.Equal(11, list.Add(sixth).Code);
        list.Del(sixth).Succeeded();
        list.Del(second).Succeeded();
        list.Add(sixth).Succeeded();

        // The lease ends with the namespace, DEL or not.
        first.Vanish();
        host.LookUntil(s => !s.Links.Any(l => Audit.Claims(l).Contains(one.Addresses[0])), 5000);
        Assert.Equal(one.Addresses[0], list.Add(host.NewPod()).Succeeded().Result.Addresses[0]);
    }

    /// <summary>Multus: two networks of the same plugin in one pod.</summary>
    [Fact]
    [Trait("cni", "L07")]
    [Trait("cni", "G08")]
    public void TwoNetworks_InOnePod_DoNotKnowEachOther()
    {
        const string conflist = """{"cniVersion":"1.1.0","name":"NAME","plugins":[{"type":"twill","bridge":"BRIDGE","isGateway":true,"ipam":{"subnet":"10.88.0.0/24","routes":[{"dst":"198.51.NUMBER.0/24"}]}}]}""";
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        ListRun[] lists = [.. Enumerable.Range(0, 2).Select(i => new ListRun(host, conflist.Replace("NAME", $"net{i}", StringComparison.Ordinal).Replace("BRIDGE", $"twproof{i}", StringComparison.Ordinal)
            .Replace("NUMBER", $"{i}", StringComparison.Ordinal).Replace("10.88.0", $"10.88.{i}", StringComparison.Ordinal)))];
        for (int i = 0; i < 2; i++) lists[i].Add(pod, $"net{i}").Succeeded();
        for (int i = 0; i < 2; i++)
        {
            lists[i].Check(pod, $"net{i}").Succeeded();
            Assert.Empty(Truth.Problems(host, pod, $"net{i}", lists[i].Cached!.Json!));
        }

        lists[0].Gc().Succeeded();
        Assert.Equal(["net1"], pod.Links().Select(l => l.Name));
        lists[0].Del(pod, "net0").Succeeded();
        lists[1].Check(pod, "net1").Succeeded();
        lists[1].Del(pod, "net1").Succeeded();
        Assert.Empty(pod.Links());
    }

    /// <summary>The reference plugins of a Kubernetes node after us, as libcni runs them; DEL backwards, and nothing stays.</summary>
    /// <remarks>The reference firewall begins at 0.4.0.</remarks>
    [Theory]
    [Trait("cni", "L06")]
    [Trait("cni", "C07")]
    [InlineData("0.3.1", "")]
    [InlineData("0.4.0", """,{"type":"firewall","backend":"iptables"}""")]
    [InlineData("1.0.0", """,{"type":"firewall","backend":"iptables"}""")]
    public void BeforeTheReferencePlugins_InAChain(string version, string more)
    {
        const string offer = """{"ips":["10.88.0.33"],"portMappings":[{"hostPort":8088,"containerPort":80,"protocol":"tcp"}],"bandwidth":{"ingressRate":80000000,"ingressBurst":8000000,"egressRate":80000000,"egressBurst":8000000}}""";
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        string conflist = $$$"""
            {"cniVersion":"{{{version}}}","name":"proof","plugins":[
             {"type":"twill","bridge":"twproof0","isDefaultGateway":true,"ipMasq":true,"capabilities":{"ips":true},"ipam":{"ranges":[[{"subnet":"10.88.0.0/24"}],[{"subnet":"fd88::/64"}]]}},
             {"type":"portmap","snat":true,"capabilities":{"portMappings":true}},
             {"type":"bandwidth","capabilities":{"bandwidth":true}},
             {"type":"tuning","sysctl":{"net.core.somaxconn":"500"},"mtu":1400}{{{more}}}]}
            """;
        var list = new ListRun(host, conflist, offer);
        AddResult result = list.Add(pod).Succeeded().Result;
        Assert.Equal("10.88.0.33", result.Addresses[0]);
        Assert.Contains("eth0", result.Interfaces.Select(i => i.Name));
        Assert.Null(pod.PingProblem("10.88.0.1"));
        if (version != "0.3.1")
        {
            foreach (PluginConfig plugin in list.List.Plugins.Where(p => p.Type != "portmap"))
                list.Run(plugin, CniVerb.Check, new PluginInput { PrevResult = CniResult.Parse(Encoding.UTF8.GetBytes(list.Cached!.Output), list.List.CniVersion, "result") }, r => r.Of(pod)).Succeeded();

            // portmap 1.1.1 looks for each family's rules in both: it fails behind the reference bridge just as behind us.
            using var other = new HostNamespace();
            Pod theirs = other.NewPod();
            var reference = new ListRun(other, conflist.Replace("\"twill\"", "\"bridge\"", StringComparison.Ordinal).Replace("\"ipam\":{", $"\"ipam\":{{\"type\":\"host-local\",\"dataDir\":\"{Artifacts.Scratch}/chain-{version}\",", StringComparison.Ordinal), offer);
            reference.Add(theirs).Succeeded();
            Assert.Equal(reference.Check(theirs).Code, list.Check(pod).Code);
        }

        Assert.Contains("10.88.0.33", Rules(), StringComparison.Ordinal);
        Assert.Contains(host.Queues(result.Interfaces[1].Name), q => (string?)q!["kind"] == "tbf");
        list.Del(pod).Succeeded();
        list.Del(pod).Succeeded();
        Assert.Empty(pod.Links());
        Assert.DoesNotContain("10.88.0.33", Rules(), StringComparison.Ordinal);
        Assert.Equal([Net.Bridge], host.Look().Links.Select(l => l.Name).Where(n => n != "lo"));

        string Rules() => host.Exec("nft", ["list", "ruleset"]).Succeeded();
    }
}
