using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.KernelTests.Nftables;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.Services;

/// <summary>Never a wrong endpoint, never half a service.</summary>
[Collection(KernelCollection.Name)]
public sealed class ServiceFaultTests(ITestOutputHelper output) : IClassFixture<LeakCheck>
{
    private const int Connections = 600, MaxFlaps = 50_000, Kills = 24;

    private static EndpointDescription At(string address, ushort port = 8080) => new()
    {
        Address = IpAddress.Parse(address),
        Ports = new Dictionary<string, ushort> { [""] = port },
        Node = address.StartsWith("10.244.1.", StringComparison.Ordinal) ? "n1" : "n2",
    };

    [Fact]
    public void Endpoints_ComeAndGoAllTheTime_ConnectionsReachOneThatIsThere()
    {
        using var net = new ServiceNet();
        Socket[] listeners = [net.Listen(net.Blue, "10.244.1.2"), net.Listen(net.Green, "10.244.1.3"), net.Listen(net.Outside, "10.244.2.2")];
        using Socket wrong = net.Listen(net.Outside, "10.244.2.2", 9090);
        EndpointDescription[] endpoints = [At("10.244.1.2"), At("10.244.1.3"), At("10.244.2.2")];
        ServiceDescription web = ServicePacketTests.Service(endpoints), other = web with { Name = "other", ClusterIps = [IpAddress.Parse("10.96.0.2")], Ports = [new ServicePort("", ServiceProtocol.Tcp, 80)], Endpoints = [At("10.244.2.2", 9090)] };
        void Write(int mask) => net.Writer.Write(new ServiceSnapshot(ServicePacketTests.Node, [web with { Endpoints = [.. endpoints.Where((_, i) => (mask & (1 << i)) != 0)] }, mask % 2 == 0 ? other : other with { Endpoints = [] }]));
        var random = new Random(5);

        // After a write: one of those that were written.
        for (int i = 0; i < 30; i++)
        {
            int mask = random.Next(1, 8);
            Write(mask);
            int reached = net.Reach(net.Blue, "10.96.0.1", 80, listeners).Listener;
            Assert.True((mask & (1 << reached)) != 0, $"listener {reached} with endpoints {mask:b3}");
        }

        // While writes go on: always one of the three.
        int connections = 0, stop = 0;
        string? failed = null;
        var client = new Thread(() =>
        {
            while (Volatile.Read(ref stop) == 0 && failed is null)
            {
                SocketError error = net.Connect(net.Blue, "10.96.0.1", 80, out Socket socket);
                socket.Dispose();
                connections++;
                if (error != SocketError.Success) failed = $"connection {connections}: {error}";
            }
        });
        Write(7);
        client.Start();
        long start = Stopwatch.GetTimestamp();
        int flaps = 0;
        for (; flaps < MaxFlaps && Volatile.Read(ref connections) < Connections && failed is null; flaps++)
        {
            Write(random.Next(1, 8));
            foreach (Socket listener in listeners)
            {
                while (listener.Poll(0, SelectMode.SelectRead)) listener.Accept().Dispose();
            }
        }

        output.WriteLine($"{flaps} changes in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:f0} ms, {connections} connections");
        Volatile.Write(ref stop, 1);
        client.Join();
        Assert.True(failed is null, failed);
        Assert.InRange(connections, Connections, int.MaxValue);
        Assert.False(wrong.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public void Table_FlushedEmptiedOrPluckedAt_IsWholeAgainAfterOneWrite()
    {
        using var net = new ServiceNet();
        using Socket green = net.Listen(net.Green, "10.244.1.3");
        var snapshot = new ServiceSnapshot(ServicePacketTests.Node, [ServicePacketTests.Service(ServicePacketTests.Green)]);
        ServiceDifference Repair()
        {
            net.Writer.Doubt();
            return net.Writer.Write(snapshot);
        }

        net.Writer.Write(snapshot);
        foreach (string damage in (string[])["flush ruleset", "flush table inet twill-services", "flush map inet twill-services endpoints4", "delete element inet twill-services services4 { 10.96.0.1 . tcp . 80 }", "add rule inet twill-services services accept"])
        {
            net.Nft(damage.Split(' '));
            Assert.False(Repair().IsEmpty && net.Writer.LastWritten.Messages == 0, damage);
            Assert.Equal((0, "10.244.1.2"), net.Reach(net.Blue, "10.96.0.1", 80, green));
            Assert.True(Repair().IsEmpty);
        }

        net.Nft("delete", "element", "inet", "twill-services", "endpoints4", "{", "10.96.0.1", ".", "tcp", ".", "80", ".", "0", "}");
        Assert.Equal((0, 1), Repair().Count);
    }

    [Fact]
    public void Writer_KilledDuringAnUpdate_LeavesTheOldTableOrTheNew()
    {
        if (KilledSend.RunSafely($"*{nameof(ServiceFaultTests)}.{nameof(Writer_KilledDuringAnUpdate_LeavesTheOldTableOrTheNew)}") is { } inner)
        {
            output.WriteLine(inner);
            return;
        }

        using var sandbox = new NftSandbox();
        using var writer = new ServiceWriter(sandbox.Namespace);
        var node = new ServiceNode { Name = "n1" };
        ServiceDescription[] some = ServiceWriterTests.Many(100, 6), others = [.. ServiceWriterTests.Many(120, 5).Skip(20).Reverse()];
        writer.Write(new ServiceSnapshot(node, some));
        ServicePlan here = writer.Plan!, there = ServiceCompiler.Compile(new ServiceSnapshot(node, others));
        // As long as it takes undisturbed, and a bit.
        long start = Stopwatch.GetTimestamp();
        sandbox.Commit(t => Fill(t, writer, here, there));
        TimeSpan whole = Stopwatch.GetElapsedTime(start) * 1.5;
        (here, there) = (there, here);
        int done = 0;
        for (int i = 0; i < Kills; i++)
        {
            KilledSend.Run(sandbox.Namespace, Transaction(writer, here, there), whole * ((double)i * i / (Kills * Kills)));
            if (!IsIt(writer, there))
            {
                AssertIs(writer, here);
                continue;
            }

            done++;
            (here, there) = (there, here);
        }

        output.WriteLine($"{Kills} kills within {whole.TotalMilliseconds:f1} ms: {done} updates were done, {Kills - done} not at all");
        Assert.InRange(done, 1, Kills - 1);
    }

    [Fact]
    public void Writer_DiedBeforeItForgotUdpFlows_TheNextForgetsThem()
    {
        using var net = new ServiceNet();
        using Socket blue = net.Udp(net.Blue, "10.244.1.2"), green = net.Udp(net.Green, "10.244.1.3"), client = net.Udp(net.Outside, "192.0.2.9", 5353);
        ServiceDescription dns = ServicePacketTests.Service(At("10.244.1.2")) with { Ports = [new ServicePort("", ServiceProtocol.Udp, 53)] };
        net.Writer.Write(new ServiceSnapshot(ServicePacketTests.Node, [dns]));
        var target = new IPEndPoint(IPAddress.Parse("10.96.0.1"), 53);
        byte[] question = new byte[8];
        client.SendTo("q"u8, target);
        Assert.Equal(1, blue.Receive(question));

        var moved = new ServiceSnapshot(ServicePacketTests.Node, [dns with { Endpoints = [At("10.244.1.3")] }]);
        using (NftSocket nft = NftSocket.Open(net.Node))
        {
            NftTransaction transaction = nft.NewTransaction();
            ServiceDifference difference = ServiceDifference.Between(net.Writer.Plan!, ServiceCompiler.Compile(moved, net.Writer.Plan!));
            ServiceWriter.AddChains(transaction, difference);
            ServiceWriter.Add(transaction, difference);
            nft.Commit(transaction).ThrowIfFailed();
        }

        client.SendTo("q"u8, target);
        Assert.Equal(1, blue.Receive(question)); // the flow is still tracked
        using var next = new ServiceWriter(net.Node);
        Assert.True(next.Write(moved).IsEmpty);
        Assert.Equal(1, next.LastForgotten);
        client.SendTo("q"u8, target);
        Assert.Equal(1, green.Receive(question));
    }

    private static NftTransaction Transaction(ServiceWriter writer, ServicePlan from, ServicePlan to)
    {
        var transaction = new NftTransaction();
        Fill(transaction, writer, from, to);
        return transaction;
    }

    private static void Fill(NftTransaction transaction, ServiceWriter writer, ServicePlan from, ServicePlan to)
    {
        Assert.True(writer.Read(out _, out HashSet<string> chains));
        ServiceDifference difference = ServiceDifference.Between(from, to, chains);
        ServiceWriter.AddChains(transaction, difference);
        ServiceWriter.Add(transaction, difference);
    }

    private static void AssertIs(ServiceWriter writer, ServicePlan plan) => Assert.True(IsIt(writer, plan), "the table is neither the old one nor the new");

    private static bool IsIt(ServiceWriter writer, ServicePlan plan)
    {
        Assert.True(writer.Read(out List<ServiceElement> elements, out HashSet<string> chains));
        return ServiceDifference.From(elements, chains, plan).IsEmpty;
    }
}
