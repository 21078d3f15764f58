using System.Text;
using System.Text.Json.Nodes;
using Twill.Cni;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>GC (checklist section 6): what is not valid goes, what is stays, and no list is no order.</summary>
public sealed class GcTests
{
    private static PluginRun Gc(Net net, string members)
    {
        JsonObject request = JsonNode.Parse(net.Call("GC").Input.Span)!.AsObject();
        foreach ((string key, JsonNode? value) in JsonNode.Parse($"{{{members}}}")!.AsObject()) request[key] = value?.DeepClone();
        return new PluginRun("GC") { IfName = null }.WithConfig(request);
    }

    private static string Entry(Pod pod, string ifName = "eth0") => $$"""{"containerID":"{{pod.ContainerId}}","ifname":"{{ifName}}"}""";

    /// <summary>Under either name of the key, and under both: then the union.</summary>
    [Theory]
    [Trait("cni", "G01")]
    [Trait("cni", "G15")]
    [InlineData("\"cni.dev/valid-attachments\":[A]", "A")]
    [InlineData("\"cni.dev/attachments\":[A]", "A")]
    [InlineData("\"cni.dev/valid-attachments\":[A],\"cni.dev/attachments\":[B]", "AB")]
    [InlineData("\"cni.dev/valid-attachments\":[],\"cni.dev/attachments\":[B]", "B")]
    public void ValidList_UnderEitherKey_IsKept(string members, string kept)
    {
        using var one = new OnePod(Net.Dual());
        Pod b = one.Host.NewPod();
        PluginOutcome second = one.Net.Add(one.Host, b).Succeeded();
        Gc(one.Net, members.Replace("[A]", $"[{Entry(one.Pod)}]", StringComparison.Ordinal).Replace("[B]", $"[{Entry(b)}]", StringComparison.Ordinal)).In(one.Host).Succeeded();
        List<Attachment> expected = [];
        if (kept.Contains('A', StringComparison.Ordinal)) expected.Add(one.Net.AttachmentOf(one.Added));
        if (kept.Contains('B', StringComparison.Ordinal)) expected.Add(one.Net.AttachmentOf(second));
        Assert.Empty(one.Net.Audit(one.Host, expected));
    }

    /// <summary>Addresses, pairs, ifbs and, with the last of them, the masquerade rule.</summary>
    [Fact]
    [Trait("cni", "G02")]
    [Trait("cni", "G05")]
    [Trait("cni", "G06")]
    [Trait("cni", "G07")]
    public void EmptyList_EverythingOfTheNetworkGoes()
    {
        using var one = new OnePod(Net.Dual("first"));
        for (int i = 0; i < 4; i++) one.Net.Add(one.Host, one.Host.NewPod()).Succeeded();
        Assert.NotEmpty(one.Host.Look().Rules);
        PluginOutcome outcome = one.Net.Gc().In(one.Host).Succeeded();
        Assert.Equal("", outcome.Error);
        one.MustBeGone();
        Assert.Empty(one.Host.Look().Rules);
    }

    [Theory]
    [Trait("cni", "G07")]
    [InlineData("\"x\":1", true)]
    [InlineData("\"cni.dev/valid-attachments\":null", true)]
    [InlineData("\"cni.dev/valid-attachments\":{}", false)]
    [InlineData("\"cni.dev/valid-attachments\":[{}]", false)]
    [InlineData("\"cni.dev/valid-attachments\":[{\"containerid\":\"typo\"}]", false)]
    public void NoList_OrABrokenOne_IsNeverNothingValid(string members, bool succeeds)
    {
        using var one = new OnePod(Net.Dual());
        PluginOutcome outcome = Gc(one.Net, members).In(one.Host);
        if (succeeds) outcome.Succeeded();
        else outcome.FailedBySpec(7);
        one.MustBeWell();
    }

    [Fact]
    [Trait("cni", "G08")]
    public void AnotherNetwork_OnTheSameBridge_StaysUntouched()
    {
        using var one = new OnePod(Net.Dual("first"));
        Pod pod = one.Host.NewPod();
        Net second = Net.Masquerade("second");
        PluginOutcome theirs = second.With("ipam.ranges", JsonNode.Parse("""[[{"subnet":"10.88.0.0/24"}]]""")).Add(one.Host, pod).Succeeded();
        one.Net.Gc().In(one.Host).Succeeded();
        Assert.Empty(Truth.Problems(one.Host, pod, "eth0", theirs.Json!));
        Assert.Empty(one.Net.Audit(one.Host, Attachment.Of(theirs)));
        Assert.Contains(one.Host.Look().Rules, r => r.Text.Contains("twill second", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("cni", "G09")]
    public void EntryWithoutIfName_KeepsEveryInterfaceOfTheContainer()
    {
        using var one = new OnePod(Net.Dual());
        PluginOutcome second = one.Net.Add(one.Host, one.Pod, "net1").Succeeded();
        one.Net.Add(one.Host, one.Host.NewPod()).Succeeded();
        Gc(one.Net, $$"""
            "cni.dev/valid-attachments":[{"containerID":"{{one.Pod.ContainerId}}"}]
            """).In(one.Host).Succeeded();
        Assert.Empty(one.Net.Audit(one.Host, one.Net.AttachmentOf(one.Added), one.Net.AttachmentOf(second)));
    }

    [Fact]
    [Trait("cni", "G03")]
    [Trait("cni", "G04")]
    [Trait("cni", "L03")]
    public void Delegate_IsCalled_AndItsFailureDoesNotStopOurs()
    {
        using var script = new ScriptPlugin();
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        Net net = Net.Plain().With("ipam", new JsonObject { ["type"] = "script" });
        (net.Call("ADD", pod) with { CniPath = script.Directory }).In(host).Succeeded();
        script.On("GC", """echo '{"cniVersion":"1.1.0","code":144,"msg":"cannot sweep"}'; exit 1""");
        PluginRun gc = net.Gc() with { CniPath = script.Directory };
        Assert.Contains("cannot sweep", gc.In(host).FailedBySpec(144).Message, StringComparison.Ordinal);
        Assert.Empty(pod.Links());
        Assert.Contains("cni.dev/valid-attachments", script.InputOf("GC"), StringComparison.Ordinal);
        script.On("GC", "exit 0");
        gc.In(host).Succeeded();
        Assert.Equal(["ADD", "GC", "GC"], script.Calls);
    }

    [Fact]
    [Trait("cni", "G05")]
    public void CniPath_NotSet_IsCode4()
    {
        using var host = new HostNamespace();
        Assert.Contains("CNI_PATH", (Net.Plain().Gc() with { CniPath = null }).In(host).FailedBySpec(4).Message, StringComparison.Ordinal);
    }

    /// <summary>An address is free exactly when its interface is gone: GC cannot free the one and leave the other.</summary>
    [Fact]
    [Trait("cni", "G06")]
    public void LiveInterface_AndItsAddress_GoTogether()
    {
        using var one = new OnePod(Net.Plain("10.88.0.0/30"));
        Pod next = one.Host.NewPod();
        one.Net.Add(one.Host, next).FailedBySpec(11);
        one.Net.Gc().In(one.Host).Succeeded();
        Assert.Empty(one.Pod.Links());
        Assert.Equal(one.Address, one.Net.Add(one.Host, next).Succeeded().Result.Addresses[0]);
    }

    /// <summary>An ADD that stands still in the middle keeps its address, whatever the list says.</summary>
    [Fact]
    [Trait("cni", "G10")]
    public void AddAtWork_KeepsItsAddress()
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        Net net = Net.Dual();
        int points = TracedRun.Of(net.Call("ADD", host.NewPod()), host, Strike.Never).Report.Points.Count;
        using PausedRun paused = PausedRun.Start(net.Call("ADD", pod), host, points / 2);
        Assert.True(paused.IsPaused);
        net.Gc().In(host).Succeeded();
        PluginOutcome added = paused.Resume().Succeeded();
        Assert.Empty(Truth.Problems(host, pod, "eth0", added.Json!));
    }

    [Fact]
    [Trait("cni", "G11")]
    public void DelAfterGc_AndGcTwice_Succeed()
    {
        using var one = new OnePod(Net.Dual());
        one.Net.Gc().In(one.Host).Succeeded();
        one.Net.Gc().In(one.Host).Succeeded();
        one.Del().Succeeded();
        one.MustBeGone();
    }

    /// <summary>The library's order: DEL for each stale cached attachment, then GC to each plugin; nothing of it with disableGC.</summary>
    [Fact]
    [Trait("cni", "G12")]
    [Trait("cni", "G13")]
    [Trait("cni", "G15")]
    public void AsTheLibraryDoesIt_DelOfTheStaleThenGc()
    {
        const string conflist = """{"cniVersion":"1.1.0","name":"proof","disableGC":DISABLED,"plugins":[{"type":"twill","bridge":"twproof0","isDefaultGateway":true,"ipam":{"subnet":"10.88.0.0/24"}}]}""";
        using var host = new HostNamespace();
        var list = new ListRun(host, conflist.Replace("DISABLED", "false", StringComparison.Ordinal));
        Pod cached = host.NewPod(), forgotten = host.NewPod(), valid = host.NewPod();
        list.Add(cached).Succeeded();
        list.Add(forgotten).Succeeded();
        JsonObject kept = list.Add(valid).Succeeded().Json!;
        list.Del(cached).Succeeded();
        list.Gc(new CniAttachment(valid.ContainerId, "eth0")).Succeeded();
        Assert.Empty(cached.Links());
        Assert.Empty(forgotten.Links());
        Assert.Empty(Truth.Problems(host, valid, "eth0", kept));

        // What an administrator with two runtimes writes: then no runtime calls GC.
        Assert.False(new ListRun(host, conflist.Replace("DISABLED", "true", StringComparison.Ordinal)).List.Allows(CniVerb.Gc));
    }

    /// <summary>As many as no runtime has. What compared each with each would not end within the bound of a command.</summary>
    [Fact]
    [Trait("cni", "G14")]
    public void AHundredThousandAttachments_End()
    {
        using var one = new OnePod(Net.Plain());
        var list = new StringBuilder("\"cni.dev/valid-attachments\":[").Append(Entry(one.Pod));
        for (int i = 0; i < 100_000; i++) list.Append($$""",{"containerID":"{{i:x32}}{{i:x32}}","ifname":"eth0"}""");
        Gc(one.Net, list.Append(']').ToString()).In(one.Host).Succeeded();
        one.MustBeWell();
    }
}
