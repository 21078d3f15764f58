using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>An administrator gives the interface to the other nodes larger segments: the agent sees it, and pods that come then have them too.</summary>
[Collection(KernelCollection.Name)]
public sealed class SegmentTests : IClassFixture<LeakCheck>
{
    private const int Wide = 4 * Segments.UsualMax;

    [Fact]
    public void Underlay_GivenMore_NewPodsFollow_AndGivenLessAgain()
    {
        using var net = new AgentNet([1], "--backend", "direct");
        net.Tell(1);
        net.StartAll();
        AgentNode one = net.Nodes[0];
        Assert.DoesNotContain("gsoMaxSize", File.ReadAllText(one.ListPath), StringComparison.Ordinal);
        Assert.Equal((Segments.UsualMax, Segments.UsualMax), Attach(one));

        Give(one, Wide);
        Assert.Contains($"\"gsoMaxSize\": {Wide}", File.ReadAllText(one.ListPath), StringComparison.Ordinal);
        Assert.Equal((Wide, Wide), Attach(one));
        ChildProcess.Outcome status = one.Twill("status");
        Assert.Contains($"segments   {Wide} for pods: as eth0", status.OutputText, StringComparison.Ordinal);

        Give(one, Segments.UsualMax / 2);
        Assert.Equal((Segments.UsualMax / 2, Segments.UsualMax / 2), Attach(one));
    }

    /// <summary>Measured: through VXLAN larger ones are cut into single packets, and throughput falls to a tenth.</summary>
    [Fact]
    public void Underlay_GivenMore_ButSomeNodesAreBehindTunnels_PodsKeepTheUsual()
    {
        using var net = new AgentNet([1]);
        net.Tell(1);
        net.Net.Nodes[0].Host.SetGsoMaxSize("eth0", Wide);
        net.StartAll();
        AgentNode one = net.Nodes[0];
        Assert.DoesNotContain("gsoMaxSize", File.ReadAllText(one.ListPath), StringComparison.Ordinal);
        Assert.Contains($"eth0 takes {Wide}, but what may have to go through VXLAN cannot be larger", one.Status().GetProperty("podGsoWhy").GetString(), StringComparison.Ordinal);
    }

    private static void Give(AgentNode one, int bytes)
    {
        long last = one.Last;
        one.Node.Host.SetGsoMaxSize("eth0", bytes);
        one.Node.Host.SetMtu("eth0", new Mtu(one.Node.Host.GetLink("eth0").Mtu.Value - 1)); // of that the kernel tells; else the next audit would see it
        one.AwaitEvent(last, e => e.GetProperty("kind").GetString() == "list");
    }

    /// <returns>What the bridge takes, and what a new pod's interface takes.</returns>
    private static (int Bridge, int Pod) Attach(AgentNode one)
    {
        AgentPod pod = one.AddPod();
        using RouteSocket inside = RouteSocket.Open(pod.Namespace);
        return (one.Node.Host.GetLink("twill0").GsoMaxSize, inside.GetLink("eth0").GsoMaxSize);
    }
}
