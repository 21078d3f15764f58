using System.Text.Json;
using Twill.KernelTests.Fabric;
using Twill.KernelTests.Harness;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>Real agents as processes: they learn the nodes from a file, pods come by the list they write, and what others destroy comes back.</summary>
[Collection(KernelCollection.Name)]
public sealed class AgentTests : IClassFixture<LeakCheck>
{
    [Fact]
    public void Agents_ThreeNodes_PodsTalkWithoutNat_NearDirectlyFarByTunnel()
    {
        using var net = new AgentNet([1, 1, 2]);
        foreach (AgentNode node in net.Nodes) node.Start();

        // Nothing is known: nothing is touched, and no runtime may call.
        net.Nodes[0].AwaitEvent(0, e => e.GetProperty("kind").GetString() == "source");
        Assert.False(File.Exists(net.Nodes[0].ListPath));
        Assert.Equal("", net.Nodes[0].Routes());
        Assert.Equal(0, net.Nodes[0].Writes);
        net.Tell(1, 2, 3);
        foreach (AgentNode node in net.Nodes) node.AwaitReady();
        AgentPod[] pods = [.. net.Nodes.Select(n => n.AddPod())];
        Assert.Equal(["10.244.1.2", "10.244.2.2", "10.244.3.2"], pods.Select(p => p.V4.ToString()));
        foreach (AgentPod from in pods)
        {
            foreach (AgentPod to in pods.Where(p => p != from)) Assert.Equal(from.V4, FabricNet.SeenFrom(from.Namespace, to.Namespace, to.V4));
        }

        JsonElement nodes = JsonDocument.Parse(net.Nodes[0].Twill("nodes", "-o", "json").Succeeded()).RootElement;
        Assert.Equal(["self", "direct", "tunnel"], nodes.GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("way").GetString()));
        ChildProcess.Outcome status = net.Nodes[0].Twill("status");
        Assert.True(status.ExitCode == 0, status.OutputText);
        Assert.Contains("all good", status.OutputText, StringComparison.Ordinal);

        // A node leaves, and comes again.
        long last = net.Nodes[0].Last;
        net.Tell(1, 3);
        net.Nodes[0].AwaitEvent(last, e => e.GetProperty("kind").GetString() == "change");
        Assert.DoesNotContain("10.244.2.0/24", net.Nodes[0].Routes(), StringComparison.Ordinal);
        Assert.Equal(pods[0].V4, FabricNet.SeenFrom(pods[0].Namespace, pods[2].Namespace, pods[2].V4));
        last = net.Nodes[0].Last;
        net.Tell(1, 2, 3);
        net.Nodes[0].AwaitEvent(last, e => e.GetProperty("kind").GetString() == "change");
        Assert.Equal(pods[0].V4, FabricNet.SeenFrom(pods[0].Namespace, pods[1].Namespace, pods[1].V4));
    }

    [Fact]
    public void Agent_RouteTableBridgeDeleted_AreBackAndToldInEvents()
    {
        using var net = new AgentNet([1, 2]);
        net.Tell(1, 2);
        net.StartAll();
        AgentNode one = net.Nodes[0];
        AgentPod a = one.AddPod(), b = net.Nodes[1].AddPod();
        long last = one.Last;
        one.Ip("route del 10.244.2.0/24");
        Assert.True(one.AwaitRepair(last, "route 10.244.2.0/24").GetProperty("ms").GetDouble() > 0);
        last = one.Last;
        Command.RunIn(one.Node.Namespace, Command.Find("nft"), ["delete", "table", "inet", "twill-node"]).Succeeded();
        one.AwaitRepair(last, "table inet twill-node");
        last = one.Last;
        one.Ip("link del twill0");
        one.AwaitRepair(last, "bridge twill0");
        last = one.Last;
        one.Ip("link del twill-vx");
        one.AwaitRepair(last, "link twill-vx");
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        Assert.True(one.Status().GetProperty("counters").GetProperty("repairs").GetInt64() >= 4);
    }

    [Fact]
    public void Agent_Second_IsRefusedWithTheFirstOnesCommandLine()
    {
        using var net = new AgentNet([1]);
        net.Tell(1);
        AgentNode one = net.StartAll().Nodes[0];
        ChildProcess.Outcome second = one.Twill("agent", "--node", "node1", "--source", $"file:{net.NodesPath}");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"process {one.ProcessId}", second.ErrorText, StringComparison.Ordinal);
        Assert.Contains($"agent --node node1 --socket {one.SocketPath}", second.ErrorText, StringComparison.Ordinal);

        // On another node it is welcome; a stale socket is taken over; TERM ends it at once and takes nothing away.
        string routes = one.Routes();
        Assert.Equal(0, one.Stop("TERM"));
        one.Start().AwaitReady();
        Assert.Equal(routes, one.Routes());
    }

    [Fact]
    public void Source_Away_NothingChanges_Back_NothingIsWritten()
    {
        using var net = new AgentNet([1, 1]);
        net.Tell(1, 2);
        AgentNode one = net.StartAll().Nodes[0];
        AgentPod a = one.AddPod(), b = net.Nodes[1].AddPod();
        string routes = one.Routes();
        long writes = one.Writes, last = one.Last;
        string content = File.ReadAllText(net.NodesPath);
        File.Delete(net.NodesPath);
        one.AwaitEvent(last, e => e.GetProperty("kind").GetString() == "source");
        ChildProcess.Outcome status = one.Twill("status");
        Assert.Equal(1, status.ExitCode);
        Assert.Contains("away for", status.OutputText, StringComparison.Ordinal);
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        last = one.Last;
        File.WriteAllText(net.NodesPath, content);
        one.AwaitEvent(last, e => e.GetProperty("kind").GetString() == "source" && e.GetProperty("text").GetString()!.EndsWith("2 nodes", StringComparison.Ordinal));
        Assert.Equal((routes, writes), (one.Routes(), one.Writes));

        // The control: another list is written.
        last = one.Last;
        net.Tell(1);
        one.AwaitEvent(last, e => e.GetProperty("kind").GetString() == "change");
        Assert.NotEqual(writes, one.Writes);
    }

    [Fact]
    public void OwnBlock_Changed_IsRefused_AlsoByAnAgentThatStartsAnew()
    {
        using var net = new AgentNet([1, 1]);
        net.Tell(1, 2);
        AgentNode one = net.StartAll().Nodes[0];
        AgentPod a = one.AddPod(), b = net.Nodes[1].AddPod();
        string list = File.ReadAllText(one.ListPath);
        long last = one.Last;
        net.Tell([1, 2], n => n.Number == 1 ? "10.244.77.0/24" : "10.244.2.0/24");
        one.AwaitEvent(last, e => e.GetProperty("kind").GetString() == "refused");
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        one.Stop();
        one.Start().AwaitEvent(0, e => e.GetProperty("kind").GetString() == "refused" && e.GetProperty("text").GetString()!.Contains("10.244.1.2", StringComparison.Ordinal));
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        Assert.Equal(list, File.ReadAllText(one.ListPath));
        Assert.Equal(0, one.Writes);
        Assert.Contains("drain it first", one.Twill("doctor").OutputText.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_WithoutAnAgent_TellWhatTheKernelKnows()
    {
        using var net = new AgentNet([1, 1]);
        net.Tell(1, 2);
        AgentNode one = net.StartAll().Nodes[0];
        AgentPod a = one.AddPod();
        one.Stop();
        ChildProcess.Outcome status = one.Twill("status");
        Assert.Equal(1, status.ExitCode);
        Assert.Contains("not running; source of what follows: kernel", status.OutputText, StringComparison.Ordinal);
        SchemaOk("status/v1", one.Twill("status", "-o", "json").OutputText);
        SchemaOk("nodes/v1", one.Twill("nodes", "-o", "json").OutputText);
        SchemaOk("routes/v1", one.Twill("routes", "-o", "json").OutputText);
        SchemaOk("ipam/v1", one.Twill("ipam", "-o", "json").OutputText);
        SchemaOk("pods/v1", one.Twill("pod", a.V4.ToString(), "-o", "json").OutputText);
        SchemaOk("doctor/v1", one.Twill("doctor", "-o", "json").OutputText);
        Assert.Equal(4, one.Twill("watch").ExitCode);
        Assert.Equal(4, one.Twill("pod", "nobody").ExitCode);
    }

    private static void SchemaOk(string name, string json) => Tests.Cli.SchemaAssert.Valid(name, json);
}
