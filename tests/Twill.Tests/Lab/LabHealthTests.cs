using Twill.Lab;
using Xunit;

namespace Twill.Tests.Lab;

public sealed class LabHealthTests
{
    private static readonly LabView s_view = LabPictureTests.View(3, 2);

    [Fact]
    public void Problems_WholeLab_None() => Assert.Empty(LabHealth.Problems(s_view));

    [Fact]
    public void Problems_RouteMissing_SaysWhichAndHow()
    {
        NodeView node = s_view.Nodes[0] with { Routes = [.. s_view.Nodes[0].Routes.Where(r => r.Destination != "10.244.2.0/24")] };
        string problem = Assert.Single(LabHealth.Problems(s_view with { Nodes = [node, s_view.Nodes[1], s_view.Nodes[2]] }));
        Assert.Contains("ip -n node1 route add 10.244.2.0/24 via 192.168.1.12 dev eth0", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_RouteToTheWrongNode_SaysWhere()
    {
        NodeView node = s_view.Nodes[0] with { Routes = [.. s_view.Nodes[0].Routes.Select(r => r.Destination == "10.244.2.0/24" ? r with { Gateway = "192.168.1.13", Towards = "node3" } : r)] };
        Assert.Contains("node3", Assert.Single(LabHealth.Problems(s_view with { Nodes = [node, s_view.Nodes[1], s_view.Nodes[2]] })), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_PodSeesAnotherAddressThanItsCable_SaysBoth()
    {
        NodeView node = s_view.Nodes[0] with { Pods = [s_view.Nodes[0].Pods[0] with { Addresses = ["10.244.1.77/24"] }, s_view.Nodes[0].Pods[1]] };
        string problem = Assert.Single(LabHealth.Problems(s_view with { Nodes = [node, s_view.Nodes[1], s_view.Nodes[2]] }));
        Assert.Contains("10.244.1.77/24", problem, StringComparison.Ordinal);
        Assert.Contains("10.244.1.2/24", problem, StringComparison.Ordinal);
    }
}
