using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>ADD (checklist section 3).</summary>
public sealed class AddTests
{
    public static TheoryData<string> Versions => ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

    [Fact]
    [Trait("cni", "A01")]
    public void Interface_IsMadeInTheNamespace_AndWorks()
    {
        using var one = new OnePod(Net.Dual());
        LinkState link = Assert.Single(one.Pod.Links());
        Assert.Equal(("eth0", "veth", true), (link.Name, link.Kind, link.Up));
        foreach (AddResult.Ip ip in one.Result.Ips) Assert.Null(one.Pod.PingProblem(ip.Gateway));
        Pod other = one.Host.NewPod();
        foreach (string address in one.Net.Add(one.Host, other).Succeeded().Result.Addresses) Assert.Null(one.Pod.PingProblem(address));

        // The negative control: nobody has this address.
        Assert.NotNull(one.Pod.PingProblem("10.88.0.200"));
    }

    [Fact]
    [Trait("cni", "A02")]
    public void IfName_AlreadyThere_IsRefusedAndStaysAsItIs()
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        foreach (string command in (string[])["link add eth0 type ifb", "link set eth0 addrgenmode none", "addr add 192.0.2.9/24 dev eth0", "link set eth0 up"]) pod.Ip(command);
        string before = pod.Dump();
        Net net = Net.Plain();
        net.Add(host, pod).FailedBySpec(101);
        Assert.Equal(before, pod.Dump());
        Assert.Empty(net.Audit(host));
        net.Del(host, pod).Succeeded();
        Assert.Equal(before, pod.Dump());
        pod.Ip("link del eth0");
        Assert.Empty(Truth.Problems(host, pod, "eth0", net.Add(host, pod).Succeeded().Json!));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    [Trait("cni", "A03")]
    public void Result_HasTheRequestsVersion(string version)
    {
        using var one = new OnePod(Net.Plain(cniVersion: version));
        Assert.Equal(version, (string?)one.Json["cniVersion"]);
    }

    /// <summary>Behind the reference bridge plugin, which made net0: all that it said comes out again, and our indices point to ours.</summary>
    [Theory]
    [Trait("cni", "A04")]
    [Trait("cni", "C07")]
    [Trait("cni", "L06")]
    [InlineData("0.3.1")]
    [InlineData("0.4.0")]
    [InlineData("1.0.0")]
    public void PrevResult_OfAnotherPlugin_ComesOutAgain(string version)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        string leases = Path.Combine(Artifacts.Scratch, $"before-{version}");
        Net before = Net.Reference(leases, subnet: "10.77.0.0/24").With("bridge", "other0").With("cniVersion", version).With("name", "other").With("dns", new JsonObject { ["nameservers"] = new JsonArray("192.0.2.53") });
        JsonObject first = before.Add(host, pod, "net0").Succeeded().Json!;

        Net net = Net.Plain(cniVersion: version).With("isDefaultGateway", false);
        JsonObject both = net.Call("ADD", pod, prevResult: first).In(host).Succeeded().Json!;
        foreach (string list in (string[])["interfaces", "ips", "routes"])
        {
            JsonArray old = first[list]?.AsArray() ?? [];
            for (int i = 0; i < old.Count; i++) Assert.True(JsonNode.DeepEquals(old[i], both[list]![i]), $"{list}[{i}]: {both.ToJsonString()}");
        }

        Assert.True(JsonNode.DeepEquals(first["dns"], both["dns"]), both.ToJsonString());
        JsonNode ours = both["ips"]!.AsArray()[^1]!;
        Assert.Equal("eth0", (string?)both["interfaces"]![(int)ours["interface"]!]!["name"]);

        // The whole list's result is what each of its plugins gets on CHECK and DEL. (The reference bridge's CHECK would look for our addresses on its net0.)
        if (version != "0.3.1") net.Call("CHECK", pod, prevResult: both).In(host).Succeeded();

        net.Call("DEL", pod, prevResult: both).In(host).Succeeded();
        Assert.Equal(["net0"], pod.Links().Select(l => l.Name));
        before.Call("DEL", pod, "net0", both).In(host).Succeeded();
        Assert.Empty(pod.Links());
    }

    [Theory]
    [Trait("cni", "A05")]
    [InlineData("/run/netns/there-is-none")]
    [InlineData("/etc/passwd")]
    [InlineData("/proc/1/ns/mnt")]
    [InlineData("/")]
    public void NetNs_Unusable_IsAnErrorAndLeavesNothing(string path)
    {
        using var host = new HostNamespace();
        string before = host.Dump();
        PluginRun add = Net.Plain().Call("ADD", host.NewPod()) with { NetNs = path };
        Assert.Contains(path, add.In(host).FailedBySpec(4).Message, StringComparison.Ordinal);
        Assert.Equal(before, host.Dump());
        (add with { Command = "DEL" }).In(host).Succeeded();
        Assert.Equal(before, host.Dump());
    }

    /// <summary>Failures late in the run: everything made before them is undone.</summary>
    [Theory]
    [Trait("cni", "A06")]
    [InlineData("route via nowhere", 103)]
    [InlineData("interface name taken", 101)]
    [InlineData("address of another subnet on the bridge", 7)]
    [InlineData("bridge's name belongs to an ifb", 101)]
    [InlineData("wished address outside of the range", 7)]
    [InlineData("wished address taken", 101)]
    [InlineData("no gateway for a route", 103)]
    public void Failure_AtAnyStage_IsUndone(string failure, int code)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        Net net = Net.Dual();
        Attachment[] living = [];
        switch (failure)
        {
            case "route via nowhere":
                net = net.With("ipam.routes", new JsonArray(new JsonObject { ["dst"] = "198.51.100.0/24", ["gw"] = "203.0.113.1" }));
                break;
            case "interface name taken":
                pod.Ip("link add eth0 type ifb");
                break;
            case "address of another subnet on the bridge":
                host.Ip($"link add {Net.Bridge} type bridge");
                host.Ip($"addr add 10.99.0.1/24 dev {Net.Bridge}");
                break;
            case "bridge's name belongs to an ifb":
                host.Ip($"link add {Net.Bridge} type ifb");
                break;
            case "wished address outside of the range":
                net = net.Wishing(["10.99.0.5"]);
                break;
            case "wished address taken":
                PluginOutcome first = net.Add(host, host.NewPod()).Succeeded();
                living = [net.AttachmentOf(first)];
                net = net.Wishing([first.Result.Addresses[0]]);
                break;
            case "no gateway for a route":
                net = Net.Plain().With("isDefaultGateway", false).With("isGateway", false).With("ipam.routes", new JsonArray(new JsonObject { ["dst"] = "2001:db8::/64", ["gw"] = "fd77::1" }));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(failure));
        }

        int before = pod.Links().Count;
        PluginOutcome outcome = net.Add(host, pod).FailedBySpec(code, code == 7 ? 7 : 101);
        Assert.NotEmpty(outcome.Message);
        Assert.Equal(before, pod.Links().Count);
        Assert.Empty(net.Audit(host, living));
        net.Del(host, pod).Succeeded();
        Assert.Empty(net.Audit(host, living));
        Assert.Equal(before, pod.Links().Count);
    }

    [Fact]
    [Trait("cni", "A08")]
    [Trait("cni", "L07")]
    public void TwoInterfaces_OfOneContainer_LiveAndDieAlone()
    {
        using var one = new OnePod(Net.Dual());
        PluginOutcome second = one.Net.Add(one.Host, one.Pod, "net1").Succeeded();
        Assert.Equal(["eth0", "net1"], one.Pod.Links().Select(l => l.Name).Order(StringComparer.Ordinal));
        Assert.Empty(one.Net.Audit(one.Host, one.Net.AttachmentOf(one.Added), one.Net.AttachmentOf(second)));
        one.Del().Succeeded();
        Assert.Equal(["net1"], one.Pod.Links().Select(l => l.Name));
        Assert.Empty(one.Net.Audit(one.Host, one.Net.AttachmentOf(second)));
        one.Net.Del(one.Host, one.Pod, ifName: "net1").Succeeded();
        one.MustBeGone();
    }

    [Fact]
    [Trait("cni", "A09")]
    public void AgainAfterDel_Works()
    {
        using var one = new OnePod(Net.Dual());
        for (int i = 0; i < 3; i++)
        {
            one.Del().Succeeded();
            PluginOutcome again = one.Net.Add(one.Host, one.Pod).Succeeded();
            Assert.Empty(Truth.Problems(one.Host, one.Pod, "eth0", again.Json!));
        }
    }

    [Fact]
    [Trait("cni", "A10")]
    public void AgainWithoutDel_IsRefusedAndTheFirstStillWorks()
    {
        using var one = new OnePod(Net.Dual());
        Assert.Contains("eth0", one.Net.Add(one.Host, one.Pod).FailedBySpec(101).Message, StringComparison.Ordinal);
        one.MustBeWell();
        one.Check().Succeeded();
        Assert.Null(one.Pod.PingProblem("10.88.0.1"));
    }

    /// <summary>With an address manager of others: it must not be asked, for its DEL would free what the first attachment has.</summary>
    [Fact]
    [Trait("cni", "A10")]
    [Trait("cni", "A02")]
    public void AgainWithoutDel_LeavesTheDelegatesLeaseAlone()
    {
        using var script = new ScriptPlugin();
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        PluginRun add = Net.Plain().With("ipam", new JsonObject { ["type"] = "script" }).Call("ADD", pod) with { CniPath = script.Directory };
        add.In(host).Succeeded();
        script.Forget();
        add.In(host).FailedBySpec(101);
        Assert.DoesNotContain("DEL", script.Calls);
    }

    [Fact]
    [Trait("cni", "A11")]
    public void Exhausted_IsCode11WithRangeAndUse_AndRecovers()
    {
        using var one = new OnePod(Net.Plain("10.88.0.0/30"));
        Pod second = one.Host.NewPod();
        PluginOutcome refused = one.Net.Add(one.Host, second).FailedBySpec(11);
        Assert.Contains("10.88.0.0/30", refused.Message, StringComparison.Ordinal);
        Assert.Contains("1 of 1", refused.Message, StringComparison.Ordinal);
        one.Del().Succeeded();
        Assert.Equal(one.Address, one.Net.Add(one.Host, second).Succeeded().Result.Addresses[0]);
    }

    [Fact]
    [Trait("cni", "A11")]
    public void AnotherAddOfTheSameIsAtWork_IsCode11()
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        Net net = Net.Plain();
        using PausedRun paused = PausedRun.Start(net.Call("ADD", pod), host, 4);
        Assert.True(paused.IsPaused);
        net.Add(host, pod).FailedBySpec(11);
        paused.Resume().Succeeded();
        Assert.Single(pod.Links());
    }

    /// <summary>Every field of the result against the kernel, over configurations that use them all.</summary>
    [Theory]
    [Trait("cni", "A13")]
    [InlineData("plain", null, null)]
    [InlineData("dual", null, null)]
    [InlineData("plain", "mtu", "1380")]
    [InlineData("plain", "isDefaultGateway", "false")]
    [InlineData("plain", "ipam", "null")]
    [InlineData("plain", "disableContainerInterface", "L2")]
    [InlineData("plain", "runtimeConfig", """{"mac":"0a:00:00:00:00:07"}""")]
    [InlineData("plain", "ipam.routes", """[{"dst":"198.51.100.0/24"},{"dst":"203.0.113.0/24","gw":"10.88.0.9","mtu":1300,"advmss":1200,"priority":77},{"dst":"192.0.2.0/24","table":100},{"dst":"192.0.2.128/25","scope":200,"gw":"10.88.0.9"}]""")]
    [InlineData("dual", "ipam.routes", """[{"dst":"2001:db8::/32"},{"dst":"2001:db8:1::/48","gw":"fd88::9","mtu":1300,"priority":5}]""")]
    public void Result_IsTrue(string configuration, string? key, string? value)
    {
        Net net = configuration == "dual" ? Net.Dual() : Net.Plain();
        if (value == "L2") net = net.With("ipam", null).With("isDefaultGateway", false).With("isGateway", false).With(key!, true);
        else if (key == "ipam") net = net.With("ipam", null).With("isDefaultGateway", false).With("isGateway", false);
        else if (key is not null) net = net.With(key, JsonNode.Parse(value!));
        using var one = new OnePod(net);
        Assert.Empty(Truth.Problems(one.Host, one.Pod, "eth0", one.Json));
        Assert.Equal(value == "L2", !one.Pod.Links()[0].Up);
        one.Check().Succeeded();
    }

    /// <summary>The judge can say no: each field changed by hand is seen.</summary>
    [Fact]
    [Trait("cni", "A13")]
    public void Result_ChangedByHand_IsSeen()
    {
        using var one = new OnePod(Net.Plain());
        Assert.Empty(Truth.Problems(one.Host, one.Pod, "eth0", one.Json));
        foreach (Action<JsonNode> lie in (Action<JsonNode>[])[
            r => r["interfaces"]![2]!["mac"] = "0a:00:00:00:00:99",
            r => r["interfaces"]![1]!["name"] = "nobody",
            r => r["interfaces"]![0]!["mtu"] = 1234,
            r => r["interfaces"]![2]!["sandbox"] = "/run/netns/other",
            r => r["ips"]![0]!["address"] = "10.88.0.250/24",
            r => r["ips"]![0]!["interface"] = 0,
            r => r["routes"]![0]!["gw"] = "10.88.0.9",
            r => r["routes"]!.AsArray().Clear(),
        ])
        {
            JsonObject changed = one.Json;
            lie(changed);
            Assert.NotEmpty(Truth.Problems(one.Host, one.Pod, "eth0", changed));
        }
    }
}
