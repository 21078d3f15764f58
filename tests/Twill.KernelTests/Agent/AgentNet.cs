using System.Text;
using Twill.KernelTests.Fabric;
using Twill.KernelTests.Harness;

namespace Twill.KernelTests.Agent;

/// <summary>Nodes on segments, each with an agent, and a file that tells them of each other.</summary>
internal sealed class AgentNet : IDisposable
{
    private static int s_count;

    /// <param name="segments">Of node1, node2 and so on.</param>
    internal AgentNet(int[] segments, params string[] arguments)
    {
        Folder = Path.Combine(Artifacts.Scratch, $"agents-{Interlocked.Increment(ref s_count)}");
        Directory.CreateDirectory(Folder);
        Net = new FabricNet(segments);
        Nodes = [.. Net.Nodes.Select(n => new AgentNode(n, Folder, ["--source", $"file:{NodesPath}", .. arguments]))];
    }

    internal FabricNet Net { get; }

    internal IReadOnlyList<AgentNode> Nodes { get; }

    internal string Folder { get; }

    internal string NodesPath => Path.Combine(Folder, "nodes.yaml");

    /// <summary>Writes the list of nodes with these of them, as an editor does: a new file, renamed.</summary>
    internal void Tell(params int[] numbers) => Tell(numbers, n => n.ToClusterNode().PodBlocks[0].ToString());

    internal void Tell(int[] numbers, Func<FabricNode, string> block)
    {
        var text = new StringBuilder("nodes:\n");
        foreach (FabricNode node in Net.Nodes.Where(n => numbers.Contains(n.Number))) text.Append($"- name: {node.Name}\n  addresses: [{node.AddressOf(v6: false)}/24]\n  podCIDRs: [{block(node)}]\n");
        File.WriteAllText($"{NodesPath}.new", text.ToString());
        File.Move($"{NodesPath}.new", NodesPath, overwrite: true);
    }

    internal AgentNet StartAll()
    {
        foreach (AgentNode node in Nodes) node.Start();
        foreach (AgentNode node in Nodes) node.AwaitReady();
        return this;
    }

    public void Dispose()
    {
        foreach (AgentNode node in Nodes) node.Dispose();
        Net.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
