using System.Text.Json;
using Twill.Agent.Answers;
using Twill.Agent.Journal;
using Twill.Agent.View;
using Twill.Fabric.Model;
using Twill.Lab;
using Twill.Linux.Route;
using Twill.Tests.Cli;
using Xunit;

namespace Twill.Tests.Agent;

/// <summary>What `twill status` and its neighbours print, whole; and that their JSON has the form that docs/schema says.</summary>
public sealed class StatusTextTests
{
    private static StatusReport Healthy => new(AgentSamples.Kernel, AgentSamples.Status(), ["12:02:10 repair   route 10.244.2.0/24: ip changed it; put back in 0.4 ms"]);

    [Fact]
    public void Status_Healthy_IsOneScreen() => Golden("status-healthy", StatusText.Draw(Healthy, new Style(false, true)));

    [Fact]
    public void Status_NoAgent_SaysSoAndIsAProblem()
    {
        StatusReport report = Healthy with { Agent = null, Events = [] };
        Assert.Single(report.Problems);
        Golden("status-no-agent", StatusText.Draw(report, new Style(false, false)));
    }

    [Fact]
    public void Status_ManyThingsWrong_EachHasItsReason()
    {
        KernelView kernel = AgentSamples.Kernel;
        var report = new StatusReport(
            kernel with
            {
                ForwardsV4 = false,
                Bridges = [kernel.Bridges[0] with { IsUp = false }],
                Pods = [kernel.Pods[0] with { Bridge = null }],
                Routes = [kernel.Routes[0] with { IsUp = false }],
                Cni = kernel.Cni with { Files = ["00-other.conf", "05-twill.conflist"] },
            },
            JsonDocument.Parse(AgentJson.Status(AgentSamples.Facts with { Ready = false, Problems = ["etcd 10.0.0.1:2379: no member answers"], Reading = AgentSamples.Facts.Reading with { Problem = "no member answers" } })).RootElement,
            []);
        Assert.Equal(6, report.Problems.Count);
        Golden("status-broken", StatusText.Draw(report, new Style(false, false)));
    }

    [Fact]
    public void Screens_FitEightyColumnsAndAsciiIsAscii()
    {
        string plain = StatusText.Draw(Healthy, new Style(false, false));
        Assert.All(plain.Split('\n'), l => Assert.True(l.Length <= 80, l));
        Assert.All(plain, c => Assert.True(c < 128));
    }

    [Fact]
    public void Pod_IsFoundByNameAddressAndContainer()
    {
        PodUse pod = AgentSamples.Kernel.Pods[0];
        foreach (string word in (string[])["web-0", "shop/web-0", "10.244.1.2", "10.244.1.2/24", "9f1c", pod.Host]) Assert.True(Twill.Cli.NodeCommands.IsCalled(pod, word), word);
        foreach (string word in (string[])["web", "10.244.1.20", "9f1", "b-0"]) Assert.False(Twill.Cli.NodeCommands.IsCalled(pod, word), word);
        Golden("pod", PodText.Draw(pod, AgentSamples.Kernel));
    }

    [Fact]
    public void Json_IsOfItsSchema()
    {
        SchemaAssert.Valid("agent-status/v1", AgentJson.Status(AgentSamples.Facts));
        SchemaAssert.Valid("agent-status/v1", AgentJson.Status(AgentSamples.Facts with { Frame = null, Reading = Twill.Agent.Sources.SourceReading<ClusterNode>.Nothing }));
        SchemaAssert.Valid("agent-nodes/v1", AgentJson.Nodes(AgentSamples.Facts));
        SchemaAssert.Valid("agent-router/v1", AgentJson.Router(AgentSamples.Facts));
        SchemaAssert.Valid("agent-events/v1", AgentJson.Events([new JournalEntry(1, DateTimeOffset.UnixEpoch, "repair", "route: put back", "ip", 0.4), new JournalEntry(2, DateTimeOffset.UnixEpoch, "ready", "node1 is ready", null, null)]));
        SchemaAssert.Valid("status/v1", ViewJson.Status(Healthy));
        SchemaAssert.Valid("status/v1", ViewJson.Status(Healthy with { Agent = null }));
        SchemaAssert.Valid("nodes/v1", ViewJson.Nodes(NodeLine.Of(JsonDocument.Parse(AgentJson.Nodes(AgentSamples.Facts)).RootElement), true));
        SchemaAssert.Valid("routes/v1", ViewJson.Routes(AgentSamples.Kernel.Routes, _ => "node2"));
        SchemaAssert.Valid("pods/v1", ViewJson.Pods(AgentSamples.Kernel.Pods));
        SchemaAssert.Valid("ipam/v1", ViewJson.Ipam(AgentSamples.Kernel));
        SchemaAssert.Valid("ipam-who/v1", ViewJson.Who("10.244.1.2", [Who("10.244.1.2"), Who("10.244.3.9")]));
    }

    [Theory]
    [InlineData("10.244.1.2", AddressAnswer.Used, "pod shop/web-0, eth0 behind twef7ko0af40102")]
    [InlineData("fd00:10:244:1::2", AddressAnswer.Used, "pod shop/web-0, eth0 behind twef7ko0af40102")]
    [InlineData("10.244.1.1", AddressAnswer.Gateway, "bridge twill0 of this node, the gateway of its pods")]
    [InlineData("10.244.1.0", AddressAnswer.Reserved, "nobody: the first address of 10.244.1.0/24, which no pod gets")]
    [InlineData("10.244.1.255", AddressAnswer.Reserved, "nobody: the last address of 10.244.1.0/24, which no pod gets")]
    [InlineData("10.244.1.9", AddressAnswer.Free, "nobody: free in 10.244.1.0/24")]
    [InlineData("10.244.3.9", AddressAnswer.Elsewhere, "a pod of node3, if any (way: tunnel): ask there")]
    [InlineData("10.1.1.1", AddressAnswer.Foreign, "no address of the pods' blocks that this node knows")]
    public void Who_EachKindOfAddress_HasItsSentence(string address, string state, string text)
    {
        AddressAnswer answer = Who(address);
        Assert.Equal((state, text), (answer.State, answer.Text));
        Assert.Equal(state is AddressAnswer.Used or AddressAnswer.Gateway or AddressAnswer.Elsewhere, answer.IsTaken);
    }

    [Fact]
    public void Who_AddressOfAnAdd_IsToldByWhetherItLives()
    {
        KernelView kernel = AgentSamples.Kernel with { Unfinished = ["twabcde0af40107"] };
        IpAddress address = IpAddress.Parse("10.244.1.7");
        Assert.Contains("being attached now", AddressAnswer.Of(kernel, [], address).Text, StringComparison.Ordinal);
        Assert.Contains("ip link del twabcde0af40107", AddressAnswer.Of(kernel with { Abandoned = kernel.Unfinished }, [], address).Text, StringComparison.Ordinal);
        Assert.Contains("the node 192.168.1.12", AddressAnswer.Of(kernel, NodeLine.Of(kernel), IpAddress.Parse("10.244.2.9")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Signature_TimePasses_IsTheSame_AnythingElseIsNot()
    {
        string now = Healthy.Signature();
        JsonElement later = JsonDocument.Parse(AgentJson.Status(AgentSamples.Facts with { Uptime = 1, SourceSince = 2, Counters = AgentSamples.Facts.Counters with { Passes = 99, Audits = 99 } })).RootElement;
        Assert.Equal(now, (Healthy with { Agent = later }).Signature());
        Assert.NotEqual(now, (Healthy with { Agent = JsonDocument.Parse(AgentJson.Status(AgentSamples.Facts with { Ready = false })).RootElement }).Signature());
        Assert.NotEqual(now, (Healthy with { Events = [] }).Signature());
        Assert.NotEqual(now, (Healthy with { Kernel = AgentSamples.Kernel with { Pods = [AgentSamples.Kernel.Pods[0] with { IsUp = false }] } }).Signature());
        Assert.NotEqual(now, (Healthy with { Kernel = AgentSamples.Kernel with { ForwardsV6 = false } }).Signature());
    }

    private static AddressAnswer Who(string address) => AddressAnswer.Of(AgentSamples.Kernel, NodeLine.Of(JsonDocument.Parse(AgentJson.Nodes(AgentSamples.Facts)).RootElement), IpAddress.Parse(address));

    [Fact]
    public void Nodes_TellTheWayToEach()
        => Assert.Equal(["self", "direct", "tunnel"], NodeLine.Of(JsonDocument.Parse(AgentJson.Nodes(AgentSamples.Facts)).RootElement).Select(n => n.Way));

    private static void Golden(string name, string text)
    {
        string path = Path.Combine(SchemaAssert.Folder, "..", "..", "tests", "Twill.Tests", "Agent", "screens", $"{name}.txt");
        if (Environment.GetEnvironmentVariable("TWILL_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        Assert.Equal(File.ReadAllText(path), text);
    }
}
