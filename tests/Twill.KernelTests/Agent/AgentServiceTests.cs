using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Twill.KernelTests.Harness;
using Twill.Linux.Netns;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>Services through real agents: from a file into the kernel, kept there, and still there without them.</summary>
[Collection(KernelCollection.Name)]
public sealed class AgentServiceTests : IClassFixture<LeakCheck>
{
    private const int TimeoutMs = 3000;

    [Fact]
    public void Services_OfAFile_WorkAcrossNodes_AreKept_AndOutliveTheAgent()
    {
        using var net = new AgentNet([1, 1]);
        net.Tell(1, 2);
        net.StartAll();
        AgentNode near = net.Nodes[0];
        AgentPod client = near.AddPod(), local = near.AddPod(), far = net.Nodes[1].AddPod();
        using Socket atLocal = Listen(local), atFar = Listen(far);
        Assert.Equal(SocketError.TimedOut, Connect(client.Namespace, "10.96.0.10", 80, waitMs: 200)); // the control: no service, no answer

        long last = near.Last;
        Tell(net, $"- {{name: web, addresses: [10.96.0.10], ports: [{{port: 80, target: 8080, nodePort: 30080}}], endpoints: [{far.V4}]}}");
        near.AwaitEvent(last, e => e.GetProperty("text").GetString()!.StartsWith("services: ", StringComparison.Ordinal));
        Assert.Equal(SocketError.Success, Connect(client.Namespace, "10.96.0.10", 80));
        Assert.Equal(client.V4.ToString(), From(atFar)); // no NAT of the source inside the cluster
        Assert.Equal(SocketError.Success, Connect(near.Node.Namespace, "10.96.0.10", 80)); // from the node itself
        Assert.Equal(SocketError.Success, Connect(near.Node.Namespace, near.Node.AddressOf(v6: false).ToString(), 30080));

        // An endpoint beside the client, on the same bridge: the answer must come back as from the service.
        last = near.Last;
        Tell(net, $"- {{name: web, addresses: [10.96.0.10], ports: [{{port: 80, target: 8080}}], endpoints: [{local.V4}]}}");
        near.AwaitEvent(last, e => e.GetProperty("text").GetString()!.StartsWith("services: ", StringComparison.Ordinal));
        Assert.Equal(SocketError.Success, Connect(client.Namespace, "10.96.0.10", 80));
        Assert.Equal(client.V4.ToString(), From(atLocal));

        last = near.Last;
        Command.RunIn(near.Node.Namespace, Command.Find("nft"), ["delete", "table", "inet", "twill-services"]).Succeeded();
        JsonElement repair = near.AwaitRepair(last, "services");
        Assert.Equal("nft", repair.GetProperty("by").GetString());
        Assert.Equal(SocketError.Success, Connect(client.Namespace, "10.96.0.10", 80));

        // Dead, it goes on; alive again, it finds everything and writes nothing.
        near.Stop();
        Assert.Equal(SocketError.Success, Connect(client.Namespace, "10.96.0.10", 80));
        string before = Ruleset(near);
        near.Start().AwaitReady();
        near.AwaitEvent(0, e => e.GetProperty("text").GetString() == "services: nothing to write");
        Assert.Equal(0, near.Writes);
        Assert.Equal(before, Ruleset(near));

        // Off: what we had is taken away.
        near.Stop();
        near.Start("TWILL_SERVICES=off").AwaitReady();
        Assert.DoesNotContain("twill-services", Ruleset(near), StringComparison.Ordinal);
    }

    [Fact]
    public void HealthCheck_OfALocalService_AnswersByEndpointsOfThisNode()
    {
        using var net = new AgentNet([1, 1]);
        net.Tell(1, 2);
        net.StartAll();
        AgentPod pod = net.Nodes[0].AddPod();
        long last = net.Nodes[0].Last, other = net.Nodes[1].Last;
        Tell(net, $"- {{name: web, addresses: [10.96.0.10], ports: [{{port: 80, nodePort: 30080}}], endpoints: [{pod.V4}], externalPolicy: local, healthCheckNodePort: 31000}}");
        net.Nodes[0].AwaitEvent(last, e => e.GetProperty("text").GetString()!.StartsWith("services: ", StringComparison.Ordinal));
        net.Nodes[1].AwaitEvent(other, e => e.GetProperty("text").GetString()!.StartsWith("services: ", StringComparison.Ordinal));
        Assert.Equal((200, 1), Ask(net.Nodes[0]));
        Assert.Equal((503, 0), Ask(net.Nodes[1]));
    }

    private static (int Status, int Local) Ask(AgentNode node)
    {
        Answer answer = node.Node.Namespace.Run(() => Get(31000));
        return (answer.Status, JsonDocument.Parse(answer.Body).RootElement.GetProperty("localEndpoints").GetInt32());
    }

    private readonly record struct Answer(int Status, string Body);

    private static Answer Get(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = TimeoutMs };
        socket.Connect(IPAddress.Loopback, port);
        socket.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"u8);
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (socket.Receive(buffer) is > 0 and int n) text.Append(Encoding.UTF8.GetString(buffer, 0, n));
        string all = text.ToString();
        return new Answer(int.Parse(all.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), all[(all.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
    }

    private static void Tell(AgentNet net, string service)
    {
        string nodes = File.ReadAllText(net.NodesPath);
        int old = nodes.IndexOf("services:", StringComparison.Ordinal);
        File.WriteAllText($"{net.NodesPath}.new", $"{(old < 0 ? nodes : nodes[..old])}services:\n{service}\n");
        File.Move($"{net.NodesPath}.new", net.NodesPath, overwrite: true);
    }

    private static string Ruleset(AgentNode node) => Command.RunIn(node.Node.Namespace, Command.Find("nft"), ["-s", "list", "ruleset"]).Succeeded();

    private static Socket Listen(AgentPod pod)
    {
        Socket socket = pod.Namespace.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        socket.Bind(new IPEndPoint(IPAddress.Any, 8080));
        socket.Listen(16);
        return socket;
    }

    private static string From(Socket listener)
    {
        Assert.True(listener.Poll(TimeoutMs * 1000, SelectMode.SelectRead));
        using Socket accepted = listener.Accept();
        return ((IPEndPoint)accepted.RemoteEndPoint!).Address.ToString();
    }

    private static SocketError Connect(NetworkNamespace from, string address, int port, int waitMs = TimeoutMs)
    {
        using Socket socket = from.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        socket.Blocking = false;
        try
        {
            socket.Connect(IPAddress.Parse(address), port);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
        }

        if (!socket.Poll(waitMs * 1000, SelectMode.SelectWrite)) return SocketError.TimedOut;
        return (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
    }
}
