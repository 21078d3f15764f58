using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>Verbs, environment, exit code and streams (checklist section 1) of the published executable.</summary>
public sealed class InvocationTests
{
    private const string KubernetesArgs = "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_INFRA_CONTAINER_ID=abc;K8S_POD_UID=8ad1;SOMETHING=else";

    [Fact]
    [Trait("cni", "E01")]
    [Trait("cni", "E09")]
    [Trait("cni", "E10")]
    public void EachVerb_InALife_SucceedsAndSaysOnlyWhatItMust()
    {
        using var one = new OnePod(Net.Dual());
        Assert.Equal("", one.Added.Error);
        PluginOutcome[] silent = [one.Check(), one.Net.Call("STATUS").In(one.Host), one.Net.Gc(one.Net.AttachmentOf(one.Added)).In(one.Host), one.Del()];
        foreach (PluginOutcome outcome in silent)
        {
            Assert.True(outcome.Ok, outcome.ToString());
            Assert.Equal("", outcome.Output);
            Assert.Equal("", outcome.Error);
        }

        Assert.NotNull(one.Net.Call("VERSION").In(one.Host).Succeeded().Json);
        one.MustBeGone();
    }

    [Theory]
    [Trait("cni", "E02")]
    [InlineData("add")]
    [InlineData("REMOVE")]
    [InlineData("ADD ")]
    public void UnknownVerb_IsCode4(string verb)
    {
        using var host = new HostNamespace();
        Assert.Contains("CNI_COMMAND", (new PluginRun(verb).Of(host.NewPod()) with { Input = Net.Plain().Call("ADD").Input }).In(host).FailedBySpec(4).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("cni", "E02")]
    public void NoVerb_TellsAboutItselfOnStderr()
    {
        using var host = new HostNamespace();
        PluginOutcome outcome = new PluginRun("").In(host);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("1.1.0", outcome.Error, StringComparison.Ordinal);

        // Not even set, it is a person at a terminal: the same, and help, which is no CNI answer.
        outcome = new PluginRun("ADD").InShell(host, "unset CNI_COMMAND; exec \"$0\"");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Null(outcome.Json);
        Assert.Contains("1.1.0", outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>Each variable left out once, and all of them.</summary>
    [Theory]
    [Trait("cni", "E03")]
    [Trait("cni", "E04")]
    [InlineData("ADD", "CNI_CONTAINERID")]
    [InlineData("ADD", "CNI_NETNS")]
    [InlineData("ADD", "CNI_IFNAME")]
    [InlineData("ADD", "CNI_CONTAINERID CNI_NETNS CNI_IFNAME")]
    [InlineData("CHECK", "CNI_CONTAINERID CNI_NETNS CNI_IFNAME")]
    [InlineData("DEL", "CNI_CONTAINERID CNI_IFNAME")]
    [InlineData("GC", "CNI_PATH")]
    public void RequiredVariable_Missing_IsNamed(string verb, string missing)
    {
        using var host = new HostNamespace();
        string before = host.Dump();
        PluginRun run = Net.Plain().Call(verb, host.NewPod());
        PluginOutcome outcome = run.InShell(host, $"unset {missing}; exec \"$0\"").FailedBySpec(4);
        foreach (string name in missing.Split(' ')) Assert.Contains(name, outcome.Message, StringComparison.Ordinal);
        Assert.Equal(before, host.Dump());
    }

    [Theory]
    [Trait("cni", "E03")]
    [InlineData("DEL", "CNI_NETNS CNI_ARGS CNI_PATH")]
    [InlineData("GC", "CNI_NETNS CNI_ARGS CNI_CONTAINERID CNI_IFNAME")]
    [InlineData("STATUS", "CNI_NETNS CNI_ARGS CNI_PATH CNI_CONTAINERID CNI_IFNAME")]
    [InlineData("VERSION", "CNI_NETNS CNI_ARGS CNI_PATH CNI_CONTAINERID CNI_IFNAME")]
    public void OptionalVariables_Missing_AreNotMissed(string verb, string missing)
    {
        using var host = new HostNamespace();
        Net.Plain().Call(verb, host.NewPod()).InShell(host, $"unset {missing}; exec \"$0\"").Succeeded();
    }

    [Fact]
    [Trait("cni", "E05")]
    public void CniPath_NotSet_IsNotNeededWhereNothingIsDelegated()
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        Net net = Net.Plain();
        PluginOutcome added = (net.Call("ADD", pod) with { CniPath = null }).In(host).Succeeded();
        (net.Call("CHECK", pod, prevResult: added.Json) with { CniPath = null }).In(host).Succeeded();
        (net.Call("STATUS") with { CniPath = null }).In(host).Succeeded();
        (net.Call("DEL", pod) with { CniPath = null }).In(host).Succeeded();
    }

    [Theory]
    [Trait("cni", "E06")]
    [InlineData("-a")]
    [InlineData(".a")]
    [InlineData("a/b")]
    [InlineData("../x")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("ä")]
    public void ContainerId_NotOfTheSpecification_IsCode4(string id)
    {
        using var host = new HostNamespace();
        string before = host.Dump();
        foreach (string verb in (string[])["ADD", "CHECK", "DEL"])
            Assert.Contains("CNI_CONTAINERID", (Net.Plain().Call(verb, host.NewPod()) with { ContainerId = id }).In(host).FailedBySpec(4).Message, StringComparison.Ordinal);
        Assert.Equal(before, host.Dump());
    }

    [Theory]
    [Trait("cni", "E06")]
    [InlineData("a")]
    [InlineData("A_.-9")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789")]
    public void ContainerId_OfTheSpecification_Works(string id)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod(id);
        PluginOutcome added = Net.Plain().Add(host, pod).Succeeded();
        Assert.Empty(Net.Plain().Audit(host, Attachment.Of(added)));
        Net.Plain().Del(host, pod).Succeeded();
        Assert.Empty(Net.Plain().Audit(host));
    }

    [Theory]
    [Trait("cni", "E07")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData("a b")]
    [InlineData("a\tb")]
    [InlineData("sixteen-letters-")]
    [InlineData("lo")]
    public void IfName_Unusable_IsAnError(string name)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        (Net.Plain().Call("ADD", pod) with { IfName = name }).In(host).FailedBySpec(name == "lo" ? [4, 101] : [4]);
        Assert.Empty(pod.Links());
        Assert.Empty(Net.Plain().Audit(host));
    }

    [Theory]
    [Trait("cni", "E07")]
    [InlineData("e")]
    [InlineData("fifteen-letters")]
    public void IfName_Usable_IsUsed(string name)
    {
        using var one = new OnePod(Net.Plain(), name);
        Assert.Equal(name, Assert.Single(one.Pod.Links()).Name);
        one.MustBeWell();
    }

    [Theory]
    [Trait("cni", "E08")]
    [InlineData("FOO=bar", false)]
    [InlineData("IgnoreUnknown=0;FOO=bar", false)]
    [InlineData("FOO", false)]
    [InlineData("IgnoreUnknown=1;FOO", false)]
    [InlineData("FOO=bar;IgnoreUnknown=1", true)]
    [InlineData("IgnoreUnknown=true;FOO=bar", true)]
    [InlineData(KubernetesArgs, true)]
    public void Args_UnknownKey_NeedsIgnoreUnknown(string args, bool fine)
    {
        using var host = new HostNamespace();
        PluginOutcome outcome = (Net.Plain().Call("ADD", host.NewPod()) with { Args = args }).In(host);
        if (fine) outcome.Succeeded();
        else Assert.Contains("CNI_ARGS", outcome.FailedBySpec(4).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("cni", "E08")]
    public void Args_OfKubernetes_NameThePodOnItsHostEnd()
    {
        using var host = new HostNamespace();
        AddResult result = (Net.Plain().Call("ADD", host.NewPod()) with { Args = KubernetesArgs }).In(host).Succeeded().Result;
        Assert.Contains("pod=default/web-0", host.Look().Link(result.Interfaces[1].Name)?.Alias, StringComparison.Ordinal);
    }

    /// <summary>A result that nobody could read is no success, and then there is no attachment.</summary>
    [Theory]
    [Trait("cni", "E09")]
    [InlineData("exec \"$0\" > /dev/full")]
    [InlineData("exec \"$0\" >&-")]
    public void Add_ItsResultCannotBeWritten_IsAFailureAndUndone(string script)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        Assert.NotEqual(0, Net.Plain().Call("ADD", pod).InShell(host, script).ExitCode);
        Assert.Empty(pod.Links());
        Assert.Empty(Net.Plain().Audit(host));
    }

    [Fact]
    [Trait("cni", "E11")]
    public void NetNs_OfThePluginItself_IsCode8UnlessOverridden()
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        Net net = Net.Plain();
        PluginRun add = net.Call("ADD", pod) with { NetNs = "/proc/self/ns/net" };
        string before = host.Dump();
        add.In(host).FailedBySpec(8);
        Assert.Equal(before, host.Dump());

        PluginOutcome added = (add with { Environment = ["CNI_NETNS_OVERRIDE=1"] }).In(host).Succeeded();
        Assert.NotNull(host.Look().Link("eth0"));
        PluginRun check = net.Call("CHECK", pod, prevResult: added.Json) with { NetNs = "/proc/self/ns/net" };
        check.In(host).FailedBySpec(8);
        (check with { Environment = ["CNI_NETNS_OVERRIDE=true"] }).In(host).Succeeded();

        // DEL is ours alone to find by its owner: it needs no namespace, so it does not mind which one it is told.
        (net.Call("DEL", pod) with { NetNs = "/proc/self/ns/net" }).In(host).Succeeded();
        Assert.Null(host.Look().Link("eth0"));
    }

    [Fact]
    [Trait("cni", "E11")]
    public void Plugin_RunsInTheRuntimesNamespace()
    {
        using var one = new OnePod(Net.Plain());
        Assert.Equal("bridge", one.Host.Look().Link(Net.Bridge)?.Kind);
        Assert.Equal(["eth0"], one.Pod.Links().Select(l => l.Name));
    }

    [Fact]
    [Trait("cni", "E12")]
    public void ExtraEnvironment_IsTolerated()
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        string[] extra = ["TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "TRACESTATE=a=b", "BAGGAGE=k=v", "CNI_UNKNOWN=x", "DOTNET_gcServer=1", "LC_ALL=tr_TR.UTF-8"];
        (new PluginRun("VERSION") { NetNs = "dummy", IfName = "a/b", ContainerId = "-", Args = "x", Environment = extra }).In(host).Succeeded();
        Net net = Net.Plain();
        PluginOutcome added = (net.Call("ADD", pod) with { Environment = extra }).In(host).Succeeded();
        (net.Call("CHECK", pod, prevResult: added.Json) with { Environment = extra }).In(host).Succeeded();
        (net.Call("DEL", pod) with { Environment = extra }).In(host).Succeeded();
    }

    [Fact]
    [Trait("cni", "E13")]
    [Trait("cni", "A12")]
    public void Add_InParallel_GivesEachAnAddressOfItsOwn()
    {
        const int count = 16;
        using var host = new HostNamespace();
        Net net = Net.Dual();
        Pod[] pods = [.. Enumerable.Range(0, count).Select(_ => host.NewPod())];
        PluginOutcome[] outcomes = Workers.AtOnce(pods, p => net.Add(host, p));
        Assert.Equal(2 * count, outcomes.SelectMany(o => o.Succeeded().Result.Addresses).Distinct().Count());
        for (int i = 0; i < count; i++) Assert.Empty(Truth.Problems(host, pods[i], "eth0", outcomes[i].Json!));
        Assert.Empty(net.Audit(host, [.. outcomes.Select(net.AttachmentOf)]));
    }

    /// <summary>A binary that is open for writing cannot be executed: an upgrade must rename.</summary>
    [Fact]
    [Trait("cni", "E14")]
    public void Binary_ReplacedByRename_IsNeverBusy()
    {
        string path = Path.Combine(Artifacts.Scratch, "upgrade"), fresh = path + ".new";
        File.Copy(Artifacts.Plugin, path);
        using var host = new HostNamespace();
        PluginRun run = new PluginRun("VERSION") { Binary = path };
        using (new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            // The negative control: written in place it is ETXTBSY.
            Assert.Equal(Linux.Sys.Errno.ETXTBSY, Assert.Throws<Linux.Sys.LinuxException>(() => run.In(host)).Errno);
        }

        for (int upgrade = 0; upgrade < 5; upgrade++)
        {
            File.Copy(Artifacts.Plugin, fresh);
            File.Move(fresh, path, overwrite: true);
            run.In(host).Succeeded();
        }
    }
}
