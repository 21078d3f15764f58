using System.Net.Sockets;
using System.Text;
using Twill.KernelTests.Fabric;
using Twill.KernelTests.Harness;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>Whatever happens to the agent, packets go on.</summary>
[Collection(KernelCollection.Name)]
public sealed class AgentDeathTests : IClassFixture<LeakCheck>
{
    private const int Seed = 77;

    /// <summary>A thousand were survived as well; more than a hundred take time, so whoever wants them says so.</summary>
    private static readonly int s_kills = int.TryParse(Environment.GetEnvironmentVariable("TWILL_KILLS"), out int asked) && asked > 1 ? asked : 100;

    /// <summary>Kill -9 at many moments of the agent's life, from its first instructions to long after it was ready; on either node, near and far.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Kill_ManyTimes_NoPacketIsLost(int secondSegment)
    {
        using var net = new AgentNet([1, secondSegment]);
        net.Tell(1, 2);
        net.StartAll();
        AgentPod a = net.Nodes[0].AddPod(), b = net.Nodes[1].AddPod();
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        using var pings = new PingStream(a.Namespace, b.Namespace, a.V4, b.V4, everyMs: 2);
        var random = new Random(Seed);
        for (int i = 0; i < s_kills / 2; i++)
        {
            foreach (AgentNode node in net.Nodes)
            {
                node.Stop("9");
                node.Start();
            }

            // The time that they live.
            ForeignProcess.WaitForEnd(net.Nodes[0].ProcessId!.Value, random.Next(0, 60));
        }

        foreach (AgentNode node in net.Nodes) node.AwaitReady();
        (int sent, int lost, int translated) = pings.Finish();
        Assert.Equal((0, 0), (lost, translated));
        Assert.True(sent > 500, $"only {sent} packets were sent");
        Assert.Equal(0, net.Nodes[0].Writes);
    }

    /// <summary>The control of the test above: a stream notices when the way is missing for a moment.</summary>
    [Fact]
    public void PingStream_RouteMissing_NoticesTheLoss()
    {
        using var net = new AgentNet([1, 1]);
        net.Tell(1, 2);
        net.StartAll();
        AgentPod a = net.Nodes[0].AddPod(), b = net.Nodes[1].AddPod();
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        net.Nodes[0].Stop();
        using var pings = new PingStream(a.Namespace, b.Namespace, a.V4, b.V4, everyMs: 2);
        net.Nodes[0].Ip("route del 10.244.2.0/24");
        net.Nodes[0].Start().AwaitReady();
        Assert.True(pings.Finish().Lost > 0);
    }

    /// <summary>What systemd hears: ready, then a sign of life in every interval; none from a keeper that does not go round is in the unit's WatchdogSec.</summary>
    [Fact]
    public void Notify_UnderAServiceManager_SaysReadyAndThatItLives()
    {
        using var net = new AgentNet([1]);
        net.Tell(1);
        string path = Path.Combine(net.Folder, "notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        manager.Bind(new UnixDomainSocketEndPoint(path));
        net.Nodes[0].Start($"NOTIFY_SOCKET={path}", "WATCHDOG_USEC=100000").AwaitReady();
        int alive = 0;
        var heard = new List<string>();
        byte[] buffer = new byte[4096];
        while (alive < 3)
        {
            string message = Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer));
            heard.Add(message);
            if (message == "WATCHDOG=1") alive++;
        }

        Assert.StartsWith("READY=1\nSTATUS=", heard[0], StringComparison.Ordinal);
    }

    /// <summary>poll(2) takes no more descriptors than the process may have open, so that the thread which waits for three cannot go on.</summary>
    [Fact]
    public void KeeperThread_Fails_AgentEndsWithCode6_AndPacketsGoOn()
    {
        using var net = new AgentNet([1, 1]);
        net.Tell(1, 2);
        net.StartAll();
        AgentNode one = net.Nodes[0];
        AgentPod a = one.AddPod(), b = net.Nodes[1].AddPod();
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));

        // The control: what wakes the thread does not end it.
        long last = one.Last;
        one.Ip("route del 10.244.2.0/24");
        one.AwaitRepair(last, "route 10.244.2.0/24");
        using var pings = new PingStream(a.Namespace, b.Namespace, a.V4, b.V4, everyMs: 5);
        Command.Run("/usr/bin/prlimit", "--pid", $"{one.ProcessId}", "--nofile=2:2").Succeeded();
        one.Ip("route add 10.99.0.0/24 dev eth0 proto 77");
        Assert.Equal(6, one.AwaitEnd());
        Assert.Contains("event=died", one.Log, StringComparison.Ordinal);
        Assert.Contains("cannot wait for 3 descriptors", one.Log, StringComparison.Ordinal);
        Assert.Equal((0, 0), (pings.Finish().Lost, pings.Finish().Translated));
        one.Start().AwaitReady();
        Assert.DoesNotContain("10.99.0.0", one.Routes(), StringComparison.Ordinal);
    }

    [Fact]
    public void Stop_AgentHangs_PacketsGoOn_AndWhatWasMissedIsDoneAfterwards()
    {
        using var net = new AgentNet([1, 1, 1]);
        net.Tell(1, 2);
        net.Nodes[0].Start().AwaitReady();
        net.Nodes[1].Start().AwaitReady();
        AgentNode one = net.Nodes[0];
        AgentPod a = one.AddPod(), b = net.Nodes[1].AddPod();
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        long last = one.Last;
        one.Signal("STOP");
        using var pings = new PingStream(a.Namespace, b.Namespace, a.V4, b.V4, everyMs: 5);
        AgentPod c = one.AddPod(); // the plugin needs no agent
        Assert.Equal(c.V4, FabricNet.SeenFrom(c.Namespace, b.Namespace, b.V4));
        net.Tell(1, 2, 3);
        Assert.DoesNotContain("10.244.3.0/24", one.Routes(), StringComparison.Ordinal);
        one.Signal("CONT");
        one.AwaitEvent(last, e => e.GetProperty("kind").GetString() == "change");
        Assert.Contains("10.244.3.0/24", one.Routes(), StringComparison.Ordinal);
        Assert.Equal(0, pings.Finish().Lost);
    }
}
