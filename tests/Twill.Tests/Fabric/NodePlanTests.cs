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
    public void Plan_Case_IsAsWritten(string name)
    {
        string folder = Path.Combine(s_cases, name);
        Cluster cluster = Read(Path.Combine(folder, "nodes.json"));
        Cluster? before = File.Exists(Path.Combine(folder, "before.json")) ? Read(Path.Combine(folder, "before.json")) : null;
        var text = new StringBuilder();
        foreach (NodePlan plan in ClusterPlan.ForAll(cluster))
        {
            ClusterNode? old = before?.Nodes.FirstOrDefault(n => n.Name == plan.Node);
            NodeState state = old is null ? NodeState.Empty : StateOf(ClusterPlan.For(before!, old));
            text.Append($"# {plan.Node}\n");
            foreach (NodeStep step in plan.Difference(state)) text.Append(step).Append('\n');
        }

        Golden.Check(Path.Combine(folder, "plan.txt"), text.ToString());
    }

    [Fact]
    public void Difference_InSync_IsEmpty()
    {
        Cluster cluster = Read(Path.Combine(s_cases, "node-three-dual-stack", "nodes.json"));
        foreach (NodePlan plan in ClusterPlan.ForAll(cluster)) Assert.Empty(plan.Difference(StateOf(plan)));
    }

    [Fact]
    public void Difference_AppliedToAnyOtherPlansState_LeadsToThePlan()
    {
        string[] names = ["node-one", "node-three", "node-three-dual-stack", "node-one-changes-address"];
        NodePlan[] plans = [.. names.Select(n => ClusterPlan.ForAll(Read(Path.Combine(s_cases, n, "nodes.json")))[0])];
        foreach (NodePlan from in plans)
        {
            foreach (NodePlan to in plans)
            {
                var routes = StateOf(from).Routes.ToDictionary(r => r.Destination);
                foreach (NodeStep step in to.Difference(StateOf(from)))
                {
                    switch (step)
                    {
                        case NodeStep.AddRoute r: routes.Add(r.Route.Destination, r.Route); break;
                        case NodeStep.ReplaceRoute r: routes[r.Route.Destination] = r.Route; break;
                        case NodeStep.RemoveRoute r: Assert.True(routes.Remove(r.Route.Destination)); break;
                    }
                }

                Assert.Equal(to.Routes.OrderBy(r => r.ToString()), routes.Values.OrderBy(r => r.ToString()));
            }
        }
    }

    [Theory]
    [InlineData("10.0.0.1/24", "10.1.0.0/24", "10.0.0.2/24", "10.1.0.128/25", "overlap")]
    [InlineData("10.0.0.1/24", "10.1.0.0/24", "10.0.0.1/24", "10.1.1.0/24", "both have the address")]
    [InlineData("10.0.0.1/24", "10.1.0.0/24", "10.0.0.2/24", "fd00::/64", "no IPv6 address")]
    public void Plan_ContradictingNodes_IsRefused(string address1, string block1, string address2, string block2, string words)
    {
        var cluster = new Cluster { Nodes = [Node("a", address1, block1), Node("b", address2, block2)] };
        FabricException e = Assert.Throws<FabricException>(() => ClusterPlan.ForAll(cluster));
        Assert.Equal(FabricFault.Configuration, e.Kind);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    private static ClusterNode Node(string name, string address, string block) => new() { Name = name, Addresses = [IpPrefix.Parse(address)], PodBlocks = [IpPrefix.Parse(block)] };

    private static NodeState StateOf(NodePlan plan) => new()
    {
        Sysctls = plan.Sysctls.ToDictionary(s => s.Key, s => s.Value),
        Addresses = plan.Addresses,
        Routes = plan.Routes,
    };

    private static Cluster Read(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        return new Cluster
        {
            Device = json.RootElement.GetProperty("device").GetString()!,
            Gateways = [.. Strings(json.RootElement, "gateways").Select(IpAddress.Parse)],
            Nodes = [.. json.RootElement.GetProperty("nodes").EnumerateArray().Select(n => new ClusterNode
            {
                Name = n.GetProperty("name").GetString()!,
                Addresses = [.. Strings(n, "addresses").Select(IpPrefix.Parse)],
                PodBlocks = [.. Strings(n, "podBlocks").Select(IpPrefix.Parse)],
            })],
        };
    }

    private static IEnumerable<string> Strings(JsonElement element, string name) => element.GetProperty(name).EnumerateArray().Select(e => e.GetString()!);
}
