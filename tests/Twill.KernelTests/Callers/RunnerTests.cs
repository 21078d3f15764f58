using System.Text.Json.Nodes;
using Twill.Caller;
using Twill.Cni;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Callers;

/// <summary>Our own runner of config lists, which follows libcni, with the reference plugins chained behind us.</summary>
public sealed class RunnerTests
{
    private const string Rates = """{"ingressRate": 80000000, "ingressBurst": 8000000, "egressRate": 80000000, "egressBurst": 8000000}""";
    private const string Ports = """[{"hostPort": 8088, "containerPort": 80, "protocol": "tcp"}]""";

    public RunnerTests() => Requirement.Need("reference", [.. ((string[])["portmap", "bandwidth", "firewall", "tuning", "bridge", "host-local"]).Select(Artifacts.Reference), "iptables", "tc", TinyImage.Busybox]);

    [Fact]
    [Trait("cni", "L06")]
    [Trait("cni", "C07")]
    public void Chain_PortmapBandwidthTuningFirewallBehindUs_WorkAndAreCleanedBackwards()
    {
        using var stage = new Stage();
        NetworkCaller caller = stage.Caller(Lists.Chained());
        Pod other = stage.Host.NewPod();
        NetworkCaller plain = stage.Caller(Lists.Chained(mac: ""));
        stage.Do(() => plain.Add(stage.Request(other, $$"""{"bandwidth": {{Rates}}}""")));

        // portmap's base chains come with the first port, and stay.
        AttachmentRequest first = stage.Request(stage.Host.NewPod(), $$"""{"portMappings": {{Ports}}}""");
        stage.Do(() => plain.Add(first));
        stage.Do(() => plain.Del(first));
        string before = stage.Rules();
        string[] shapedBefore = stage.Shaped();

        Pod pod = stage.Host.NewPod();
        AttachmentRequest request = stage.Request(pod, $$"""{"portMappings": {{Ports}}, "bandwidth": {{Rates}}}""");
        CniResult result = stage.Do(() => caller.Add(request));
        Assert.Equal(["bridge", "veth", "pod", "ifb"], result.Interfaces.Select(i => i.Name switch { "cni-tw0" => "bridge", "eth0" => "pod", var n when n.StartsWith("tw", StringComparison.Ordinal) => "veth", _ => "ifb" }));
        Assert.Empty(stage.Audit([stage.Of(pod, result), stage.Of(other)]));

        // The host port: from a neighbour pod and from the host itself, on the bridge's address; and nobody answers on another port.
        using (var server = new GreetingServer(pod.Network, 80))
        {
            foreach (var from in (IEnumerable<Linux.Netns.NetworkNamespace>)[other.Network, stage.Host.Network])
            {
                Assert.Equal("greetings", GreetingServer.Ask(from, "10.88.0.1", 8088));
                Assert.Equal("", GreetingServer.Ask(from, "10.88.0.1", 8089));
            }
        }

        // Bandwidth: a bucket on the host end towards the pod, and one on the ifb for what the pod sends. Tuning: the sysctl and the MAC.
        string hostEnd = result.Interfaces[1].Name, ifb = result.Interfaces[3].Name;
        Assert.Equal(new[] { hostEnd, ifb }.Order(StringComparer.Ordinal), stage.Shaped().Except(shapedBefore).Order(StringComparer.Ordinal));
        Assert.Equal("500", pod.Network.Run(() => File.ReadAllText("/proc/sys/net/core/somaxconn")).Trim());
        Assert.Equal("0a:00:00:00:00:42", pod.Links().Single(l => l.Name == "eth0").Mac);
        Assert.Contains(result.Ips[0].Address.Address.ToString(), stage.Host.Exec("iptables", ["-S", "CNI-FORWARD"]).Succeeded(), StringComparison.Ordinal);

        // The reference portmap before 1.2.0 looks for an IPv4 port in the IPv6 tables as well; under "bridge" it fails alike.
        Assert.True(stage.Do(() => plain.Check(stage.Request(other))));
        if (Record.Exception(() => stage.Do(() => caller.Check(request))) is { } e)
        {
            Assert.Equal("portmap", Assert.IsType<CallerException>(e).Answer?.Type);
            Assert.Contains("ipv6 dnat", e.Message, StringComparison.Ordinal);
        }

        caller.Calls.Clear();
        stage.Do(() => caller.Del(request));
        Assert.Equal(["firewall", "tuning", "bandwidth", "portmap", "twill"], caller.Calls.Select(c => c.Type));
        Assert.Equal(before, stage.Rules());
        Assert.Empty(stage.Audit([stage.Of(other)]));
        Assert.Equal([stage.Key(other)], stage.Cached(caller));
        Assert.Equal("", GreetingServer.Ask(other.Network, "10.88.0.1", 8088));

        // Again, and without namespace: fine every time.
        stage.Do(() => caller.Del(request));
        other.Vanish();
        stage.Do(() => caller.Del(stage.Request(other)));
        Assert.Empty(stage.Audit([]));
        Assert.Empty(stage.Cached(caller));
    }

    [Theory]
    [Trait("cni", "K02")]
    [InlineData("twill", "ip addr del 10.88.0.2/24 dev eth0", true)]
    [InlineData("twill", "ip route del default", true)]
    [InlineData("bandwidth", "ip link del {ifb}", false)]
    [InlineData("tuning", "sysctl -q -w net.core.somaxconn=1000", true)]
    [InlineData("firewall", "iptables -F CNI-FORWARD", false)]
    public void Check_SomethingOfOneMemberIsChanged_ThatMemberSaysSo(string member, string damage, bool inPod)
    {
        using var stage = new Stage();
        NetworkCaller caller = stage.Caller(Lists.Chained());
        Pod pod = stage.Host.NewPod();
        AttachmentRequest request = stage.Request(pod, $$"""{"bandwidth": {{Rates}}}""");
        CniResult result = stage.Do(() => caller.Add(request));
        Assert.True(stage.Do(() => caller.Check(request)));
        string script = damage.Replace("{ifb}", result.Interfaces[3].Name, StringComparison.Ordinal);
        Command.RunIn(inPod ? pod.Network : stage.Host.Network, "/bin/sh", ["-c", script]).Succeeded();
        CallerException e = stage.Fails(() => caller.Check(request));
        Assert.Equal((CallerFault.Plugin, member, "CHECK"), (e.Fault, e.Answer?.Type, e.Answer?.Verb));
        stage.Do(() => caller.Del(request));
        Assert.Empty(stage.Audit([]));
    }

    [Fact]
    [Trait("cni", "A06")]
    public void Add_LastOfTheChainRefuses_WhatWasMadeIsUndone()
    {
        using var stage = new Stage();
        NetworkCaller caller = stage.Caller(Lists.Chained().Replace("net.core.somaxconn", "net.core.nosuchthing", StringComparison.Ordinal));
        Pod pod = stage.Host.NewPod();
        CallerException e = stage.Fails(() => caller.Add(stage.Request(pod, $$"""{"portMappings": {{Ports}}}""")));
        Assert.Contains("undone", e.Message, StringComparison.Ordinal);
        Assert.Equal("tuning", e.Answer?.Type);
        Assert.Empty(stage.Audit([]));
        Assert.Empty(pod.Links());
        Assert.Empty(stage.Cached(caller));
    }

    [Fact]
    [Trait("cni", "A10")]
    public void Add_Twice_IsRefusedAndTheFirstLives()
    {
        using var stage = new Stage();
        Pod pod = stage.Host.NewPod();
        NetworkCaller caller = stage.Caller(Lists.Alone()), forgetful = stage.Caller(Lists.Chained("pods"), cached: false);
        CniResult first = stage.Do(() => caller.Add(stage.Request(pod)));
        Assert.Contains("already", stage.Fails(() => caller.Add(stage.Request(pod))).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("undone", stage.Fails(() => forgetful.Add(stage.Request(pod))).Message, StringComparison.Ordinal);
        Assert.Empty(stage.Audit([stage.Of(pod, first)]));
        Assert.True(stage.Do(() => caller.Check(stage.Request(pod))));
    }

    [Fact]
    [Trait("cni", "G02")]
    [Trait("cni", "G12")]
    public void Gc_StaleInTheCacheAndStaleWithout_BothGoTheLivingStay()
    {
        using var stage = new Stage();
        NetworkCaller caller = stage.Caller(Lists.Alone());
        Pod[] pods = [.. Enumerable.Range(0, 3).Select(_ => stage.Host.NewPod())];
        foreach (Pod pod in pods) stage.Do(() => caller.Add(stage.Request(pod)));
        stage.Cache.Remove("pods", stage.Request(pods[2]));

        caller.Calls.Clear();
        (IReadOnlyList<CniAttachment> deleted, bool collected) = stage.Do(() => caller.Gc([stage.Key(pods[0])]));
        Assert.Equal([stage.Key(pods[1])], deleted);
        Assert.True(collected);
        Assert.Equal(["DEL", "GC"], caller.Calls.Select(c => c.Verb));
        Assert.Empty(stage.Audit([stage.Of(pods[0])]));
        Assert.Equal([stage.Key(pods[0])], stage.Cached(caller));

        // The control: an older list has DEL for the cached ones only, and what nobody remembers stays.
        NetworkCaller older = stage.Caller(Lists.Alone().Replace("1.1.0", "1.0.0", StringComparison.Ordinal));
        stage.Do(() => older.Add(stage.Request(pods[1])));
        stage.Do(() => older.Add(stage.Request(pods[2])));
        stage.Cache.Remove("pods", stage.Request(pods[2]));
        Assert.False(stage.Do(() => older.Gc([stage.Key(pods[0])])).Collected);
        Assert.Empty(stage.Audit([stage.Of(pods[0]), stage.Of(pods[2])]));

        // And disableGC leaves everything.
        NetworkCaller disabled = stage.Caller(Lists.Alone().Replace("\"plugins\"", "\"disableGC\": true, \"plugins\"", StringComparison.Ordinal));
        Assert.Equal(([], false), stage.Do(() => disabled.Gc([])));
        Assert.Empty(stage.Audit([stage.Of(pods[0]), stage.Of(pods[2])]));
    }

    [Fact]
    [Trait("cni", "S01")]
    [Trait("cni", "S03")]
    public void Status_AddressesLeftOrNot_IsReadyOrCode50()
    {
        using var stage = new Stage();
        NetworkCaller caller = stage.Caller(Lists.Alone().Replace("10.88.0.0/24", "10.88.0.0/30", StringComparison.Ordinal));
        Assert.True(stage.Do(caller.Status));
        Pod pod = stage.Host.NewPod();
        stage.Do(() => caller.Add(stage.Request(pod)));
        CallerException e = stage.Fails(() => caller.Status());
        Assert.Equal((CallerFault.Plugin, CniErrorCode.NotAvailable), (e.Fault, e.Answer?.Code));
        stage.Do(() => caller.Del(stage.Request(pod)));
        Assert.True(stage.Do(caller.Status));
        Assert.False(stage.Do(stage.Caller(Lists.Chained()).Status));
    }

    [Theory]
    [Trait("cni", "C15")]
    [InlineData("\"cniVersion\": \"0.3.1\", \"cniVersions\": [\"0.3.1\", \"0.4.0\", \"1.0.0\"]", "1.0.0")]
    [InlineData("\"cniVersion\": \"0.4.0\", \"cniVersions\": [\"2.0.0\", \"0.4.0\"]", "0.4.0")]
    [InlineData("\"cniVersion\": \"0.3.1\"", "0.3.1")]
    public void Versions_HighestOfTheListThatWeSpeak_IsWhatEveryPluginGets(string versions, string expected)
    {
        using var stage = new Stage();
        var spy = new Spy(Path.Combine(stage.Directory, "bin"), stage.Directory, script => Command.Run("/bin/sh", "-c", script).Succeeded());

        // The reference firewall begins at 0.4.0, and the reference bandwidth crashes at CHECK where it has no rates.
        string list = Lists.Chained().Replace("\"cniVersion\": \"1.0.0\"", versions, StringComparison.Ordinal).Replace("{ \"type\": \"firewall\", \"backend\": \"iptables\" }", "{ \"type\": \"tuning\" }", StringComparison.Ordinal);
        NetworkCaller caller = stage.Caller(list, path: Path.Combine(stage.Directory, "bin"));
        Pod pod = stage.Host.NewPod();
        AttachmentRequest request = stage.Request(pod, $$"""{"bandwidth": {{Rates}}}""");
        stage.Do(() => caller.Add(request));
        bool checks = stage.Do(() => caller.Check(request));
        stage.Do(() => caller.Del(request));
        Assert.Equal(expected != "0.3.1", checks);
        IReadOnlyList<Spy.Seen> calls = spy.Calls();
        Assert.Equal(checks ? 15 : 10, calls.Count);
        Assert.All(calls, c => Assert.Equal(expected, (string?)c.Input["cniVersion"]));
        Assert.All(calls, c => Assert.Equal((pod.ContainerId, pod.Path, "eth0"), (c.ContainerId, c.NetNs, c.IfName)));

        // prevResult: none for the first, the one before's on ADD, the last one's on CHECK and DEL, none on DEL before 0.4.0.
        Assert.Null(calls[0].Input["prevResult"]);
        Assert.All(calls.Skip(1).Where(c => c.Verb != "DEL"), c => Assert.Equal(expected, (string?)c.Input["prevResult"]!["cniVersion"]));
        Assert.All(calls.Where(c => c.Verb == "DEL"), c => Assert.Equal(checks, c.Input["prevResult"] is not null));
        Assert.Empty(stage.Audit([]));
    }

    [Fact]
    [Trait("cni", "C05")]
    public void Versions_NewerThanOneOfTheChain_FailsWithAdviceAndNothingIsLeft()
    {
        using var stage = new Stage();
        NetworkCaller caller = stage.Caller(Lists.Chained().Replace("\"1.0.0\"", "\"1.1.0\"", StringComparison.Ordinal));
        CallerException e = stage.Fails(() => caller.Add(stage.Request(stage.Host.NewPod())));
        Assert.Equal((CniErrorCode.IncompatibleVersion, "portmap"), (e.Answer?.Code, e.Answer?.Type));
        Assert.Contains("write a \"cniVersion\" that all its plugins speak", e.Message, StringComparison.Ordinal);
        Assert.Empty(stage.Audit([]));
    }

    [Fact]
    [Trait("cni", "S01")]
    [Trait("cni", "P02")]
    public void ShippedAlone_EveryVerbOf110_Works()
    {
        using var stage = new Stage();
        NetworkCaller caller = stage.Caller(Shipped.Read("10-twill.conflist"));
        Pod pod = stage.Host.NewPod();
        AttachmentRequest request = stage.Request(pod, $$"""{"bandwidth": {{Rates}}, "ips": ["10.88.0.77", "fd88::77"], "mac": "92:d0:c6:0a:29:33"}""");
        Assert.True(stage.Do(caller.Status));
        CniResult result = stage.Do(() => caller.Add(request));
        Assert.Equal(["10.88.0.77/16", "fd88::77/64"], result.Ips.Select(i => i.Address.ToString()));
        Assert.True(stage.Do(() => caller.Check(request)));
        Assert.True(stage.Do(() => caller.Gc([stage.Key(pod)])).Collected);
        Assert.True(stage.Do(() => caller.Check(request)));
        Assert.Empty(Audit.Problems(stage.Host.Look(), [stage.Of(pod, result) with { Shaped = true }], [Shipped.Bridge]));
        stage.Do(() => caller.Del(request));
        Assert.Empty(stage.Audit([]));
    }

    [Fact]
    [Trait("cni", "C14")]
    public void Load_FolderOfTheNetworkBesideTheFile_ItsPluginsComeAfterTheList()
    {
        using var stage = new Stage();
        Directory.CreateDirectory(Path.Combine(stage.Directory, "pods"));
        stage.Write("pods/20-b.conf", """{"type": "firewall"}""");
        stage.Write("pods/10-a.conf", """{"type": "tuning"}""");
        Assert.Equal(["twill", "tuning", "firewall"], NetworkFile.Load(stage.Write("pods.conflist", Lists.Alone())).Plugins.Select(p => p.Type));
        Assert.Equal(["twill"], NetworkFile.Load(stage.Write("inline.conflist", Lists.Alone().Replace("\"plugins\"", "\"loadOnlyInlinedPlugins\": true, \"plugins\"", StringComparison.Ordinal))).Plugins.Select(p => p.Type));
        NetworkConfigList single = NetworkFile.Load(stage.Write("pods.conf", """{"cniVersion": "0.4.0", "name": "pods", "type": "twill"}"""));
        Assert.Equal(("pods", "0.4.0", 1), (single.Name, single.CniVersion.Text, single.Plugins.Count));
    }

    [Fact]
    public void Cache_Files_AreThoseOfLibcni()
    {
        using var stage = new Stage();
        NetworkCaller caller = stage.Caller(Lists.Alone());
        Pod pod = stage.Host.NewPod();
        AttachmentRequest request = stage.Request(pod, """{"mac": "0a:00:00:00:00:07"}""") with { Args = "IgnoreUnknown=1;K8S_POD_NAME=web" };
        stage.Do(() => caller.Add(request));
        string file = Path.Combine(stage.Directory, "cache", "results", $"pods-{pod.ContainerId}-eth0");
        JsonNode json = JsonNode.Parse(File.ReadAllText(file))!;
        Assert.Equal("cniCacheV1", (string?)json["kind"]);
        Assert.Equal((pod.ContainerId, "eth0", "pods", pod.Path), ((string?)json["containerId"], (string?)json["ifName"], (string?)json["networkName"], (string?)json["netns"]));
        Assert.Equal("""[["IgnoreUnknown","1"],["K8S_POD_NAME","web"]]""", json["cniArgs"]!.ToJsonString());
        Assert.Equal("0a:00:00:00:00:07", (string?)json["capabilityArgs"]!["mac"]);
        Assert.Equal("10.88.0.2/24", (string?)json["result"]!["ips"]![0]!["address"]);

        // Damaged: CHECK says so, DEL frees all the same.
        File.WriteAllText(file, "{");
        Assert.Equal(CallerFault.Input, stage.Fails(() => caller.Check(request)).Fault);
        stage.Do(() => caller.Del(request));
        Assert.Empty(stage.Audit([]));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(file)!));
    }
}
