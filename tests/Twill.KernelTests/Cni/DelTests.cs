using System.Text;
using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>DEL (checklist section 4): it frees, whatever is left, and is fine with nothing.</summary>
public sealed class DelTests
{
    [Fact]
    [Trait("cni", "D01")]
    [Trait("cni", "D11")]
    public void Del_TakesAllAway_AndPrintsNothing()
    {
        using var one = new OnePod(Net.Dual());
        one.MustBeWell();
        one.Del().Succeeded();
        one.MustBeGone();
    }

    /// <summary>Each thing taken away by hand before; all of them together.</summary>
    [Theory]
    [Trait("cni", "D02")]
    [Trait("cni", "D10")]
    [InlineData("interface")]
    [InlineData("address")]
    [InlineData("host end renamed")]
    [InlineData("rules")]
    [InlineData("bridge")]
    [InlineData("ifb")]
    [InlineData("namespace")]
    [InlineData("rules bridge ifb namespace")]
    public void Del_SomethingMissing_IsFine(string missing)
    {
        using var one = new OnePod(Net.Dual());
        HostNamespace host = one.Host;
        foreach (string what in missing == "host end renamed" ? [missing] : missing.Split(' '))
        {
            switch (what)
            {
                case "interface": one.Pod.Ip("link del eth0"); break;
                case "address": one.Pod.Ip("addr flush dev eth0"); break;
                case "host end renamed": host.Ip($"link set {one.HostEnd} name renamed0"); break;
                case "rules": host.Nft("flush ruleset"); break;
                case "bridge": host.Ip($"link del {Net.Bridge}"); break;
                case "ifb": host.Ip($"link del ti{one.HostEnd[2..]}"); break;
                default: one.Pod.Vanish(); break;
            }
        }

        PluginOutcome outcome = (one.Call("DEL") with { NetNs = one.Pod.Path }).In(host);
        outcome.Succeeded();
        HostState state = host.LookUntil(s => s.Links.All(l => l.Name is "lo" or Net.Bridge), 5000);
        Assert.Equal(["lo"], state.Links.Select(l => l.Name).Where(n => n != Net.Bridge));
    }

    [Theory]
    [Trait("cni", "D03")]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/run/netns/never-was")]
    [InlineData("/etc/passwd")]
    public void Del_WithoutTheNamespace_StillFrees(string? netns)
    {
        using var one = new OnePod(Net.Dual());
        (one.Call("DEL") with { NetNs = netns }).In(one.Host).Succeeded();
        one.MustBeGone();
    }

    [Fact]
    [Trait("cni", "D04")]
    [Trait("cni", "D05")]
    public void Del_AgainAndNeverAdded_Succeeds()
    {
        using var one = new OnePod(Net.Dual());
        for (int i = 0; i < 3; i++) one.Del().Succeeded();
        one.MustBeGone();
        using var fresh = new HostNamespace();
        string before = fresh.Dump();
        for (int i = 0; i < 2; i++) one.Net.Del(fresh, one.Host.NewPod()).Succeeded();
        Assert.Equal(before, fresh.Dump());
    }

    [Theory]
    [Trait("cni", "D06")]
    [InlineData("1.1.0", null)]
    [InlineData("1.1.0", """{"cniVersion":"0.2.0","ip4":{"ip":"10.88.0.2/24"}}""")]
    [InlineData("1.1.0", """{"ips":"nonsense"}""")]
    [InlineData("1.1.0", "7")]
    [InlineData("0.3.1", """{"ips":[{"address":"10.88.0.2/24"}]}""")]
    [InlineData("0.1.0", """{"ips":[{"version":"4","address":"10.88.0.2/24"}]}""")]
    public void Del_PrevResultMissingOrOfAnotherForm_StillFrees(string version, string? previous)
    {
        using var one = new OnePod(Net.Plain(cniVersion: version));
        one.Net.Call("DEL", one.Pod, prevResult: previous is null ? null : JsonNode.Parse(previous)).In(one.Host).Succeeded();
        one.MustBeGone();
    }

    [Fact]
    [Trait("cni", "D07")]
    [Trait("cni", "L03")]
    public void Del_NamespaceGone_StillCallsTheDelegate_WhoseErrorIsOurs()
    {
        using var script = new ScriptPlugin();
        Net net = Net.Plain().With("ipam", new JsonObject { ["type"] = "script" });
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        (net.Call("ADD", pod) with { CniPath = script.Directory }).In(host).Succeeded();
        pod.Vanish();
        script.Forget();
        script.On("DEL", """echo '{"cniVersion":"1.1.0","code":142,"msg":"the database sleeps","details":"call again"}'; exit 1""");
        PluginRun del = net.Call("DEL", pod) with { CniPath = script.Directory, NetNs = "" };
        PluginOutcome failed = del.In(host).FailedBySpec(142);
        Assert.Equal("the database sleeps call again", failed.Message);
        Assert.Equal(["DEL"], script.Calls);
        Assert.Empty(net.Audit(host.LookUntil(s => s.Links.Count == 2, 5000), []));
        script.On("DEL", "exit 0");
        del.In(host).Succeeded();
    }

    /// <summary>A DEL that comes when its address has long been another's.</summary>
    [Fact]
    [Trait("cni", "D08")]
    public void Del_Late_LeavesTheAddressesNewOwnerAlone()
    {
        using var one = new OnePod(Net.Plain());
        one.Pod.Vanish();
        one.Host.LookUntil(s => s.Link(one.HostEnd) is null, 5000);
        Pod next = one.Host.NewPod();
        PluginOutcome taken = one.Net.Wishing([one.Address]).Add(one.Host, next).Succeeded();
        Assert.Equal(one.Address, taken.Result.Addresses[0]);
        (one.Call("DEL") with { NetNs = "" }).In(one.Host).Succeeded();
        (one.Call("DEL") with { NetNs = next.Path }).In(one.Host).Succeeded();
        Assert.Empty(Truth.Problems(one.Host, next, "eth0", taken.Json!));
        Assert.Empty(one.Net.Audit(one.Host, Attachment.Of(taken)));
    }

    /// <summary>The namespace of another container: what is in there is not ours to delete.</summary>
    [Fact]
    [Trait("cni", "D08")]
    [Trait("cni", "D11")]
    public void Del_WithAnothersNamespace_LeavesItAlone()
    {
        using var one = new OnePod(Net.Plain());
        Pod other = one.Host.NewPod();
        PluginOutcome theirs = one.Net.Add(one.Host, other).Succeeded();
        Pod never = one.Host.NewPod();
        (one.Net.Call("DEL", never) with { NetNs = other.Path }).In(one.Host).Succeeded();
        Assert.Empty(Truth.Problems(one.Host, other, "eth0", theirs.Json!));
        (one.Call("DEL") with { NetNs = other.Path }).In(one.Host).Succeeded();
        Assert.Empty(one.Pod.Links());
        Assert.Empty(Truth.Problems(one.Host, other, "eth0", theirs.Json!));
    }

    /// <summary>Nothing runs, nothing is in the environment but what the specification names.</summary>
    [Fact]
    [Trait("cni", "D09")]
    public void AddAndDel_WithNothingElseRunning_Work()
    {
        using var one = new OnePod(Net.Dual());
        TracedRun del = TracedRun.Of(one.Call("DEL"), one.Host, Strike.Never);
        del.Outcome.Succeeded();
        Assert.Empty(del.Report.Execs);
        Assert.DoesNotContain(2, del.Report.Connects);
        Assert.DoesNotContain(10, del.Report.Connects);
        TracedRun add = TracedRun.Of(one.Call("ADD"), one.Host, Strike.Never);
        add.Outcome.Succeeded();
        Assert.Empty(add.Report.Execs);
        Assert.DoesNotContain(2, add.Report.Connects);
        Assert.DoesNotContain(10, add.Report.Connects);
    }

    [Fact]
    [Trait("cni", "D12")]
    public void Del_ConfigurationHasChanged_FreesWhatTheKernelSays()
    {
        foreach (Func<Net, Net> change in (Func<Net, Net>[])[
            n => n.With("bridge", "another0"),
            n => n.With("ipam", JsonNode.Parse("""{"ranges":[[{"subnet":"10.99.0.0/24"}]]}""")),
            n => n.With("ipam", null),
            n => n.With("ipam", JsonNode.Parse("""{"ranges":"nonsense"}""")),
            n => n.With("name", "renamed"),
            n => n.With("mtu", -7),
            n => n.With("vlan", 5),
            n => n.With("ipMasq", false).With("runtimeConfig", JsonNode.Parse("""{"bandwidth":{"ingressRate":1}}""")),
        ])
        {
            using var one = new OnePod(Net.Dual());
            change(one.Net).Call("DEL", one.Pod).In(one.Host).Succeeded();
            one.MustBeGone();
        }
    }

    /// <summary>Without any configuration there is an error to tell, but nothing stays.</summary>
    [Theory]
    [Trait("cni", "D12")]
    [InlineData("", 6)]
    [InlineData("{", 6)]
    [InlineData("""{"cniVersion":"9.9.9","name":"proof","type":"twill"}""", 1)]
    public void Del_ConfigurationUnreadable_FreesAndTells(string input, int code)
    {
        using var one = new OnePod(Net.Dual());
        (one.Call("DEL") with { Input = Encoding.UTF8.GetBytes(input) }).In(one.Host).FailedBySpec(code);
        one.MustBeGone();
    }
}
