using Twill.KernelTests.Callers;
using Twill.KernelTests.Fabric;
using Twill.KernelTests.Harness;
using Twill.Linux.Netns;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>Agents that know nothing but an etcd: each claims its block, and finds the others.</summary>
[Collection(KernelCollection.Name)]
public sealed class AgentEtcdTests : IClassFixture<LeakCheck>
{
    private const string Endpoint = "192.168.1.1:2379";

    [Fact]
    public void Agents_EtcdOnly_ClaimBlocks_TalkWhileItIsAway_AndWriteNothingWhenItIsBack()
    {
        Requirement.Need("etcd", "etcd", "etcdctl");
        string folder = Path.Combine(Artifacts.Scratch, "agents-etcd");
        Directory.CreateDirectory(folder);
        using var net = new FabricNet(1, 1);
        NetworkNamespace far = net.RouterNamespace;
        int etcd = StartEtcd(far, folder);
        AgentNode[] nodes = [.. net.Nodes.Select(n => new AgentNode(n, folder, "--source", $"etcd://{Endpoint}", "--cluster-cidr", "10.244.0.0/16", "--device", "eth0"))];
        try
        {
            foreach (AgentNode node in nodes) node.Start();
            foreach (AgentNode node in nodes) node.AwaitReady();
            foreach (AgentNode node in nodes) AwaitNodes(node, 2);
            AgentPod a = nodes[0].AddPod(), b = nodes[1].AddPod();
            Assert.NotEqual(Block(nodes[0]), Block(nodes[1]));
            Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));

            // Away: what was known stays in force, also for an agent that starts anew and knows nothing.
            long last = nodes[0].Last;
            string routes = nodes[0].Routes(), list = File.ReadAllText(nodes[0].ListPath);
            Kill(etcd);
            nodes[0].AwaitEvent(last, e => e.GetProperty("kind").GetString() == "source");
            Assert.Equal(1, nodes[0].Twill("status").ExitCode);
            nodes[1].Stop();
            nodes[1].Start().AwaitEvent(0, e => e.GetProperty("kind").GetString() == "source");
            Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
            long writes = nodes[0].Writes;
            last = nodes[0].Last;
            etcd = StartEtcd(far, folder);
            nodes[0].AwaitEvent(last, e => e.GetProperty("kind").GetString() == "source" && e.GetProperty("text").GetString()!.EndsWith("2 nodes", StringComparison.Ordinal));
            nodes[1].AwaitReady();
            Assert.Equal((routes, list, writes, 0L), (nodes[0].Routes(), File.ReadAllText(nodes[0].ListPath), nodes[0].Writes, nodes[1].Writes));
            Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));

            // A machine that is gone: taken out by hand, its block is free and nobody has a way to it.
            nodes[1].Stop();
            last = nodes[0].Last;
            Assert.Equal(0, nodes[0].Twill("node", "remove", "node2", "--source", $"etcd://{Endpoint}").ExitCode);
            nodes[0].AwaitEvent(last, e => e.GetProperty("kind").GetString() == "change");
            Assert.Equal("", nodes[0].Routes());
            Assert.Equal(4, nodes[0].Twill("node", "remove", "node2", "--source", $"etcd://{Endpoint}").ExitCode);
        }
        finally
        {
            foreach (AgentNode node in nodes) node.Dispose();
            Kill(etcd);
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static int StartEtcd(NetworkNamespace network, string folder)
    {
        string words = $"exec etcd --name m0 --data-dir {folder}/etcd --listen-client-urls http://{Endpoint} --advertise-client-urls http://{Endpoint} --listen-peer-urls http://127.0.0.1:2380 --heartbeat-interval 50 --election-timeout 500 --unsafe-no-fsync >>{folder}/etcd.log 2>&1 </dev/null";
        return network.Run(() =>
        {
            Command.Run(Command.Find("ip"), "link", "set", "lo", "up").Succeeded();
            return ChildProcess.Start("/bin/sh", ["-c", words], ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "GOMAXPROCS=2"]);
        });
    }

    internal static void Kill(int process)
    {
        if (Command.Run("/bin/sh", "-c", $"kill -9 {process}").ExitCode == 0) ChildProcess.Wait(process);
    }

    private static string Block(AgentNode node) => node.Status().GetProperty("blocks")[0].GetString()!;

    /// <summary>The other node's claim comes a moment after our own.</summary>
    private static void AwaitNodes(AgentNode node, int count)
    {
        if (node.Status().GetProperty("source").GetProperty("nodes").GetInt32() < count || node.Routes().Length == 0) node.AwaitEvent(0, _ => node.Routes().Length > 0);
        Assert.Equal(count, node.Status().GetProperty("source").GetProperty("nodes").GetInt32());
    }
}
