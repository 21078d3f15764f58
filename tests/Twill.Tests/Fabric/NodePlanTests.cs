using System.Text;
using System.Text.Json;
using Twill.Fabric;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Route;
using Twill.Tests.Lab;
using Xunit;

namespace Twill.Tests.Fabric;

/// <summary>cases/node-NAME: nodes.json, or before.json and nodes.json, make plan.txt.</summary>
public sealed class NodePlanTests
{
    private static readonly string s_cases = Path.Combine(Golden.Directory(), "cases");

    [Theory]
    [InlineData("node-one")]
    [InlineData("node-three")]
    [InlineData("node-three-dual-stack")]
    [InlineData("node-one-leaves")]
    [InlineData("node-one-changes-address")]
    [InlineData("node-vxlan")]
    [InlineData("node-vxlan-dual-stack")]
    [InlineData("node-vxlan-v6")]
    [InlineData("node-vxlan-one-leaves")]
    [InlineData("node-vxlan-one-changes-address")]
    [InlineData("node-vxlan-alone")]
    [InlineData("node-auto")]
    [InlineData("node-auto-one-moves-near")]
    [InlineData("node-auto-v6")]
    [InlineData("node-router")]
    [InlineData("node-direct-v6")]
    [InlineData("node-masquerade")]
    public void Plan_Case_IsAsWritten(string name)
    {
        string folder = Path.Combine(s_cases, name);
        Cluster cluster = Read(Path.Combine(folder, "nodes.json"));
        Cluster? before = File.Exists(Path.Combine(folder, "before.json")) ? Read(Path.Combine(folder, "before.json")) : null;
        var text = new StringBuilder();
        foreach (NodePlan plan in ClusterPlan.ForAll(cluster))
        {
            ClusterNode? old = before?.Nodes.FirstOrDefault(n => n.Name == plan.Node);
            NodeState state = old is null ? NodeState.Empty : ClusterPlan.For(before!, old).ToState();
            text.Append($"# {plan.Node}\n");
            foreach (NodeStep step in plan.Difference(state)) text.Append(step).Append('\n');
        }

        Golden.Check(Path.Combine(folder, "plan.txt"), text.ToString());
    }

    /// <summary>As the underlay, unless something may have to go through a tunnel: there larger pieces would be cut into packets.</summary>
    [Theory]
    [InlineData("direct", 65536, 65536)]
    [InlineData("direct", 262144, 262144)]
    [InlineData("direct", 16384, 16384)]
    [InlineData("vxlan", 262144, 65536)]
    [InlineData("auto", 262144, 65536)]
    [InlineData("auto", 16384, 16384)]
    public void Plan_SegmentsOfTheUnderlay_ArePodsToo(string backend, int underlay, int pods)
    {
        Cluster cluster = Read(Path.Combine(s_cases, "node-three", "nodes.json")) with { Backend = backend };
        ClusterNode self = cluster.Nodes[0];
        NodePlan plan = ClusterPlan.For(cluster, self, new Underlay { Device = "eth0", Addresses = self.Addresses, GsoMaxSize = underlay });
        Assert.Equal(pods, plan.PodGsoMaxSize);
        Assert.Contains("eth0", plan.PodGsoWhy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node-three-dual-stack")]
    [InlineData("node-vxlan-dual-stack")]
    [InlineData("node-auto")]
    [InlineData("node-masquerade")]
    public void Difference_InSync_IsEmpty(string name)
    {
        Cluster cluster = Read(Path.Combine(s_cases, name, "nodes.json"));
        foreach (NodePlan plan in ClusterPlan.ForAll(cluster)) Assert.Empty(plan.Difference(plan.ToState()));
    }

    [Fact]
    public void Difference_AppliedToAnyOtherPlansState_LeadsToThePlan()
    {
        string[] names = ["node-one", "node-three", "node-three-dual-stack", "node-one-changes-address", "node-vxlan", "node-vxlan-dual-stack", "node-vxlan-v6", "node-auto", "node-router", "node-masquerade"];
        NodePlan[] plans = [.. names.Select(n => ClusterPlan.ForAll(Read(Path.Combine(s_cases, n, "nodes.json")))[0]), NodePlan.Nothing("node1", "eth0")];
        foreach (NodePlan from in plans)
        {
            foreach (NodePlan to in plans)
            {
                var kernel = new PretendedKernel(from.ToState());
                foreach (NodeStep step in to.Difference(kernel.State(to))) kernel.Apply(step);
                Assert.Empty(to.Difference(kernel.State(to)));
            }
        }
    }

    [Theory]
    [InlineData("10.0.0.1/24", "10.1.0.0/24", "10.0.0.2/24", "10.1.0.128/25", "overlap")]
    [InlineData("10.0.0.1/24", "10.1.0.0/24", "10.0.0.1/24", "10.1.1.0/24", "both have the address")]
    [InlineData("10.0.0.1/24", "10.1.0.0/24", "10.0.0.2/24", "fd00::/64", "no IPv6 address")]
    [InlineData("10.0.0.1/24", "10.1.0.0/24", "10.0.0.2/24", "10.0.0.0/25", "contains the address")]
    [InlineData("10.0.0.1/24", "10.1.0.0/24", "10.0.0.2/24", "10.0.0.128/25", "overlaps 10.0.0.0/24")]
    [InlineData("10.0.0.1/24", "10.1.0.0/24", "10.1.0.7/24", "10.2.0.0/24", "is inside the block")]
    [InlineData("10.0.0.1/24", "10.1.0.0/24", "10.9.0.2/24", "10.2.0.0/24", "is not on eth0")]
    public void Plan_ContradictingNodes_IsRefused(string address1, string block1, string address2, string block2, string words)
    {
        var cluster = new Cluster { Backend = "direct", Nodes = [Node("a", address1, block1), Node("b", address2, block2)] };
        FabricException e = Assert.Throws<FabricException>(() => ClusterPlan.ForAll(cluster));
        Assert.Equal(FabricFault.Configuration, e.Kind);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    private static ClusterNode Node(string name, string address, string block) => new() { Name = name, Addresses = [IpPrefix.Parse(address)], PodBlocks = [IpPrefix.Parse(block)] };

    private static Cluster Read(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        return new Cluster
        {
            Device = json.RootElement.GetProperty("device").GetString()!,
            Backend = Text(json.RootElement, "backend") ?? "direct",
            Masquerade = json.RootElement.TryGetProperty("masquerade", out JsonElement masquerade) && masquerade.GetBoolean(),
            PodCidrs = [.. Strings(json.RootElement, "podCidrs").Select(IpPrefix.Parse)],
            MasqueradeExcept = [.. Strings(json.RootElement, "masqueradeExcept").Select(IpPrefix.Parse)],
            Gateways = [.. Strings(json.RootElement, "gateways").Select(IpAddress.Parse)],
            Nodes = [.. json.RootElement.GetProperty("nodes").EnumerateArray().Select(n => new ClusterNode
            {
                Name = n.GetProperty("name").GetString()!,
                Addresses = [.. Strings(n, "addresses").Select(IpPrefix.Parse)],
                PodBlocks = [.. Strings(n, "podBlocks").Select(IpPrefix.Parse)],
            })],
        };
    }

    private static IEnumerable<string> Strings(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement list) ? list.EnumerateArray().Select(e => e.GetString()!) : [];

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement text) ? text.GetString() : null;
}
