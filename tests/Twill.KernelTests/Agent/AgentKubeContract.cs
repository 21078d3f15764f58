using System.Globalization;
using Twill.KernelTests.Fabric;
using Twill.KernelTests.Harness;
using Twill.Linux.Route;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>Agents as processes that know their nodes from an API server, by a kubeconfig with its authority and a token. The same test on ours and on a real one.</summary>
public abstract class AgentKubeContract
{
    private const int First = 11, Second = 12;

    /// <param name="folder">For its files.</param>
    internal abstract Task<IContractServer> StartAsync(string folder);

    /// <summary>Whatever it can do wrong while nodes come and go; what it says in the end is true again.</summary>
    internal abstract Task MisbehaveAsync(IContractServer server);

    [Fact]
    public async Task Agents_NodesComeAndGoWhileTheServerMisbehaves_EndWithItsList_AndNoPacketIsLost()
    {
        string folder = Path.Combine(Artifacts.Scratch, $"kube-{GetType().Name}");
        Directory.CreateDirectory(folder);
        await using IContractServer server = await StartAsync(folder);
        using var net = new FabricNet(0, 0); // 192.168.0.11 and .12, as the objects say
        string config = WriteConfig(server, folder);
        AgentNode[] nodes = [.. net.Nodes.Select((n, i) => new AgentNode(NodeJson.Name(First + i), n, folder, ["--source", $"kubernetes:{config}", "--device", "eth0"]))];
        await using var near = new NamespaceRelay(net.Nodes[0].Namespace, server.Config.Server.Port);
        await using var far = new NamespaceRelay(net.Nodes[1].Namespace, server.Config.Server.Port);
        try
        {
            for (int i = 0; i < nodes.Length; i++)
            {
                nodes[i].Node.Host.TryAddAddress(nodes[i].Node.Host.GetLink("eth0").Index, IpPrefix.Parse($"fd01::{First + i:x}/64"), AddressFlags.NoDad);
                nodes[i].Start();
            }

            nodes[0].AwaitEvent(0, e => e.GetProperty("text").GetString()!.Contains("has no node", StringComparison.Ordinal));
            Assert.Equal(0, nodes[0].Writes);
            await server.PutAsync(First, "a");
            await server.PutAsync(Second, "a");
            foreach (AgentNode node in nodes) node.AwaitReady();
            AwaitRoutes(nodes[0], [Second]);
            AwaitRoutes(nodes[1], [First]);
            AgentPod a = nodes[0].AddPod(), b = nodes[1].AddPod();
            Assert.Equal($"10.0.{First}.2", a.V4.ToString());
            Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
            using var pings = new PingStream(a.Namespace, b.Namespace, a.V4, b.V4, everyMs: 5);

            await MisbehaveAsync(server);
            for (int i = 20; i < 32; i++)
            {
                await server.PutAsync(i, "a");
                if (i % 3 == 0) await server.DeleteAsync(i - 1);
            }

            await SettleAsync(server);
            int[] rest = [.. Enumerable.Range(20, 12).Where(i => (i + 1) % 3 != 0 || i + 1 >= 32)];
            AwaitRoutes(nodes[0], [Second, .. rest]);
            AwaitRoutes(nodes[1], [First, .. rest]);

            // It has forgotten the past: one list anew, and what is in force is what it says, so nothing is written.
            long writes = nodes[0].Writes;
            await server.ForgetAsync();
            await server.PutAsync(40, "a");
            AwaitRoutes(nodes[0], [Second, .. rest, 40]);
            Assert.InRange(nodes[0].Writes - writes, 1, 4);
            Assert.Equal((0, 0), (pings.Finish().Lost, pings.Finish().Translated));
        }
        finally
        {
            foreach (AgentNode node in nodes) node.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Ends it. What was kept from a watch is told by the next list.</summary>
    internal abstract Task SettleAsync(IContractServer server);

    private static void AwaitRoutes(AgentNode node, int[] indices)
    {
        string wished = string.Join(' ', indices.Select(i => $"10.0.{i}.0/24").Order(StringComparer.Ordinal));
        Assert.True(SpinWait.SpinUntil(() => Now() == wished, 30_000), $"{node.Node.Name} has {Now()}, not {wished}: {node.Log}");

        string Now() => string.Join(' ', node.Routes().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    private static string WriteConfig(IContractServer server, string folder)
    {
        string path = Path.Combine(folder, "kubeconfig");
        File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters:
            - name: test
              cluster: { server: "{{server.Config.Server.GetLeftPart(UriPartial.Authority)}}", certificate-authority: "{{server.Config.CaFile}}" }
            users:
            - name: agent
              user: { token: "{{server.Config.Token}}" }
            contexts:
            - name: test
              context: { cluster: test, user: agent }

            """));
        return path;
    }
}
