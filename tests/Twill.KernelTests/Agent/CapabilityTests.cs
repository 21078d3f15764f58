using Twill.KernelTests.Callers;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>In a container the agent has two capabilities, and may not even enter the network namespace that it is in.</summary>
[Collection(KernelCollection.Name)]
public sealed class CapabilityTests : IClassFixture<LeakCheck>
{
    private const string Address = "192.168.1.200";

    [Fact]
    public void Agent_WithTheCapabilitiesOfTheManifest_DoesAllItsWork()
    {
        Requirement.Need("setpriv", "setpriv");
        using var net = new AgentNet([1, 1]);
        File.WriteAllText(net.NodesPath, $"""
            nodes:
            - name: node1
              addresses: [192.168.1.11/24]
              podCIDRs: [10.244.1.0/24]
            - name: node2
              addresses: [192.168.1.12/24]
              podCIDRs: [10.244.2.0/24]
            services:
            - name: web
              addresses: [10.96.0.10]
              ports: [{"{"}port: 80{"}"}]
              loadBalancerAddresses: [{Address}]
            """);
        using var agent = new AgentNode(net.Net.Nodes[0], Path.Combine(net.Folder, "bound"), "--source", $"file:{net.NodesPath}", "--backend", "vxlan", "--load-balancer-pool", "192.168.1.192/27")
        {
            Wrapper = "setpriv --bounding-set=-all,+net_admin,+net_raw --inh-caps=-all,+net_admin,+net_raw",
        };
        agent.Start().AwaitReady();
        Assert.Contains("10.244.2.0/24", agent.Routes(), StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => agent.Node.Host.Addresses().Exists(a => a.Address.Address == IpAddress.Parse(Address)), 5000), agent.Log);
        agent.AwaitEvent(0, e => e.GetProperty("text").GetString()!.StartsWith("services: ", StringComparison.Ordinal));
        Assert.DoesNotContain("EPERM", agent.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("level=error", agent.Log, StringComparison.Ordinal);
    }
}
