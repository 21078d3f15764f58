using System.Buffers.Binary;
using Twill.Fabric.Model;
using Twill.Linux.Packet;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Fabric;

/// <summary>What leaves a node by a card that can neither sum nor cut: every packet fits the wire, every checksum in it is right.</summary>
[Collection(KernelCollection.Name)]
public sealed class ChecksumTests : IClassFixture<LeakCheck>
{
    [Theory]
    [InlineData("direct", false)]
    [InlineData("vxlan", false)]
    [InlineData("vxlan", true)]
    public void Wire_CardWithoutOffloads_EveryChecksumIsRight(string backend, bool outerV6)
    {
        using var net = new FabricNet(1, 1);
        (FabricPod a, FabricPod b) = Connect(net, backend, outerV6);
        WireJudge.SwitchOffOffloads(net.Nodes[0].Namespace, "eth0");
        using var judge = new WireJudge(net.RouterNamespace, net.Router.GetLink("n1").Index);
        Conversation.Hold(a.Namespace, b.Namespace, b.V4);
        Conversation.Hold(a.Namespace, b.Namespace, b.V6);
        judge.Judge();
        Assert.Empty(judge.Wrong);
        Assert.Equal(0, judge.Oversized);
        string around = backend == "vxlan" ? "inside the tunnel: " : "";

        // Both families: the large stream alone is that many packets, and the cut datagrams are eleven.
        Assert.True(judge.Right[$"{around}TCP"] > 2 * Conversation.LargeBytes / WireJudge.WireMtu, $"{judge.Right[$"{around}TCP"]} TCP packets");
        Assert.True(judge.Right[$"{around}UDP"] >= 26, $"{judge.Right[$"{around}UDP"]} UDP packets");
    }

    /// <summary>The control of the test above: one wrong sum is noticed, in the open and inside the tunnel.</summary>
    [Theory]
    [InlineData("direct")]
    [InlineData("vxlan")]
    public void Judge_WrongSumSent_IsNoticed(string backend)
    {
        using var net = new FabricNet(1, 1);
        (FabricPod a, FabricPod b) = Connect(net, backend, outerV6: false);
        WireJudge.SwitchOffOffloads(net.Nodes[0].Namespace, "eth0");
        using var judge = new WireJudge(net.RouterNamespace, net.Router.GetLink("n1").Index);
        byte[] datagram = new byte[20];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, 1000);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), 1000);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(6), 0x1234);
        using RawSocket raw = RawSocket.Open(a.Namespace, v6: false, protocol: 17);
        Assert.Equal(Errno.None, raw.Send(b.V4, datagram));
        Assert.Contains("UDP sum is wrong", Assert.Single(judge.Judge().Wrong), StringComparison.Ordinal);
    }

    /// <summary>And the other control: a card that cuts itself gets larger pieces, with sums that it has still to write.</summary>
    [Theory]
    [InlineData("direct")]
    [InlineData("vxlan")]
    public void Wire_CardWithOffloads_GetsLargePieces(string backend)
    {
        using var net = new FabricNet(1, 1);
        (FabricPod a, FabricPod b) = Connect(net, backend, outerV6: false);
        using var judge = new WireJudge(net.RouterNamespace, net.Router.GetLink("n1").Index);
        Conversation.OverTcp(a.Namespace, b.Namespace, b.V4, Conversation.LargeBytes);
        judge.Judge();
        Assert.NotEqual(0, judge.Oversized);
        Assert.NotEmpty(judge.Wrong);
        Assert.InRange(judge.Largest, WireJudge.WireMtu, Segments.UsualMax);
    }

    /// <summary>Pieces of IPv4 of four times the usual size pass every device whole, and a card that cannot cut gets packets that are right.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Wire_UnderlayTakesLargerPieces_ArriveWhole(bool offloads)
    {
        const int gso = 4 * Segments.UsualMax;
        using var net = new FabricNet(1, 1);
        foreach (FabricNode node in net.Nodes)
        {
            node.Host.SetGsoMaxSize("eth0", gso);
            net.Router.SetGsoMaxSize($"n{node.Number}", gso);
            node.Pods = node.Pods with { Bridge = node.Pods.Bridge with { GsoMaxSize = gso } };
        }

        (FabricPod a, FabricPod b) = Connect(net, "direct", outerV6: false);
        if (!offloads) WireJudge.SwitchOffOffloads(net.Nodes[0].Namespace, "eth0");
        foreach (bool v6 in (bool[])[false, true])
        {
            using var judge = new WireJudge(net.RouterNamespace, net.Router.GetLink("n1").Index);

            Conversation.OverTcp(a.Namespace, b.Namespace, b.AddressOf(v6), 20 * Conversation.LargeBytes);
            judge.Judge();
            if (offloads)
            {
                Assert.InRange(judge.Largest, v6 ? WireJudge.WireMtu : Segments.UsualMax, v6 ? Segments.UsualMax : gso);
                continue;
            }

            Assert.Empty(judge.Wrong);
            Assert.Equal(0, judge.Oversized);
        }
    }

    private static (FabricPod A, FabricPod B) Connect(FabricNet net, string backend, bool outerV6)
    {
        FabricPod a = net.Nodes[0].AddPod(), b = net.Nodes[1].AddPod();
        Cluster cluster = net.Cluster(backend);
        if (outerV6) cluster = cluster with { Nodes = [.. cluster.Nodes.Select(n => n with { Addresses = [n.Addresses[1]] })] };
        foreach (FabricNode node in net.Nodes) node.Apply(cluster);

        // The pods' MTU as an agent's list would set it: less what the tunnel needs.
        int mtu = backend == "vxlan" ? net.Nodes[0].Host.GetLink("twill-vx").Mtu.Value : WireJudge.WireMtu;
        foreach (FabricPod pod in (FabricPod[])[a, b])
        {
            using RouteSocket inside = RouteSocket.Open(pod.Namespace);
            inside.SetMtu("eth0", new Mtu(mtu));
        }

        return (a, b);
    }
}
