using System.Net;
using System.Net.Sockets;
using System.Text;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.Services;

[Collection(KernelCollection.Name)]
public sealed class ServicePacketTests : IClassFixture<LeakCheck>
{
    internal static ServiceNode Node { get; } = new() { Name = "n1", NodePortAddresses = [IpAddress.Parse("192.0.2.1")], PodBlocks = [IpPrefix.Parse("10.244.1.0/24"), IpPrefix.Parse("fd00:1::/64")] };

    private static EndpointDescription At(string address, string node) => new() { Address = IpAddress.Parse(address), Ports = new Dictionary<string, ushort> { [""] = 8080 }, Node = node };

    private static readonly EndpointDescription s_blue = At("10.244.1.2", "n1"), s_far = At("10.244.2.2", "n2"), s_far6 = At("fd00:2::2", "n2");

    internal static EndpointDescription Green { get; } = At("10.244.1.3", "n1");

    internal static EndpointDescription Green6 { get; } = At("fd00:1::3", "n1");

    internal static ServiceDescription Service(params EndpointDescription[] endpoints) => new()
    {
        Namespace = "default",
        Name = "web",
        ClusterIps = [IpAddress.Parse("10.96.0.1"), IpAddress.Parse("fd00:96::1")],
        Ports = [new ServicePort("", ServiceProtocol.Tcp, 80, 30080)],
        Endpoints = endpoints,
    };

    [Fact]
    public void ClusterIp_FromPodsNodeAndItself_ReachesEndpointsAndKeepsPodSources()
    {
        using var net = new ServiceNet();
        using Socket green = net.Listen(net.Green, "10.244.1.3"), far = net.Listen(net.Outside, "10.244.2.2"), green6 = net.Listen(net.Green, "fd00:1::3");
        void Write(params EndpointDescription[] endpoints) => net.Writer.Write(new ServiceSnapshot(Node, [Service(endpoints)]));
        Assert.True(net.Vanishes(net.Blue, "10.96.0.1", 80));

        Write(Green, Green6);
        Assert.Equal((0, "10.244.1.2"), net.Reach(net.Blue, "10.96.0.1", 80, green));
        Assert.Equal((0, "fd00:1::2"), net.Reach(net.Blue, "fd00:96::1", 80, green6));
        Assert.Equal(0, net.Reach(net.Node, "10.96.0.1", 80, green).Listener);
        // Itself: the answer must pass the node, so the node is the source.
        Assert.NotEqual("10.244.1.3", net.Reach(net.Green, "10.96.0.1", 80, green).Client);
        Write(s_far);
        Assert.Equal((0, "10.244.1.2"), net.Reach(net.Blue, "10.96.0.1", 80, far));
    }

    [Fact]
    public void NodePort_ClusterPolicy_IsMasqueraded_LocalPolicyKeepsTheSourceAndUsesOwnEndpoints()
    {
        using var net = new ServiceNet();
        using Socket green = net.Listen(net.Green, "10.244.1.3"), far = net.Listen(net.Outside, "10.244.2.2");
        net.Writer.Write(new ServiceSnapshot(Node, [Service(Green)]));
        Assert.NotEqual("192.0.2.9", net.Reach(net.Outside, "192.0.2.1", 30080, green).Client);
        net.Writer.Write(new ServiceSnapshot(Node, [Service(Green, s_far) with { ExternalPolicy = TrafficPolicy.Local }]));
        for (int i = 0; i < 8; i++) Assert.Equal((0, "192.0.2.9"), net.Reach(net.Outside, "192.0.2.1", 30080, green, far));
        // Local, and no endpoint here: nothing comes back; from inside all endpoints are used.
        net.Writer.Write(new ServiceSnapshot(Node, [Service(s_far) with { ExternalPolicy = TrafficPolicy.Local }]));
        Assert.True(net.Vanishes(net.Outside, "192.0.2.1", 30080));
        Assert.Equal((0, "10.244.1.2"), net.Reach(net.Blue, "192.0.2.1", 30080, far));
    }

    [Fact]
    public void NoEndpoint_OrAnUnknownPort_IsRefusedAtOnce()
    {
        using var net = new ServiceNet();
        net.Writer.Write(new ServiceSnapshot(Node, [Service()]));
        Assert.Equal(SocketError.ConnectionRefused, net.Connect(net.Blue, "10.96.0.1", 80, out _));
        Assert.Equal(SocketError.ConnectionRefused, net.Connect(net.Blue, "fd00:96::1", 80, out _));
        Assert.Equal(SocketError.ConnectionRefused, net.Connect(net.Node, "10.96.0.1", 80, out _));
        Assert.Equal(SocketError.ConnectionRefused, net.Connect(net.Blue, "10.96.0.1", 81, out _));
        Assert.Equal(SocketError.ConnectionRefused, net.Connect(net.Outside, "192.0.2.1", 30080, out _));
    }

    [Fact]
    public void Affinity_ManyConnections_ReachOneEndpoint_AndAnotherWhenItIsGone()
    {
        using var net = new ServiceNet();
        using Socket blue = net.Listen(net.Blue, "10.244.1.2"), green = net.Listen(net.Green, "10.244.1.3");
        ServiceDescription both = Service(s_blue, Green) with { AffinitySeconds = 100 };
        net.Writer.Write(new ServiceSnapshot(Node, [both]));
        int first = net.Reach(net.Outside, "10.96.0.1", 80, blue, green).Listener;
        for (int i = 0; i < 12; i++) Assert.Equal(first, net.Reach(net.Outside, "10.96.0.1", 80, blue, green).Listener);
        net.Writer.Write(new ServiceSnapshot(Node, [both with { Endpoints = [first == 0 ? Green : s_blue] }]));
        Assert.Equal(1 - first, net.Reach(net.Outside, "10.96.0.1", 80, blue, green).Listener);
        // And stays there when the first one comes back: the client's memory was written anew.
        net.Writer.Write(new ServiceSnapshot(Node, [both]));
        for (int i = 0; i < 12; i++) Assert.Equal(1 - first, net.Reach(net.Outside, "10.96.0.1", 80, blue, green).Listener);
    }

    [Fact]
    public void Affinity_OfIpv6_ReachesOneEndpoint_EachClientItsOwn()
    {
        using var net = new ServiceNet();
        using Socket green = net.Listen(net.Green, "fd00:1::3"), far = net.Listen(net.Outside, "fd00:2::2");
        net.Writer.Write(new ServiceSnapshot(Node, [Service(Green6, s_far6) with { AffinitySeconds = 100 }]));
        int first = net.Reach(net.Blue, "fd00:96::1", 80, green, far).Listener;
        for (int i = 0; i < 12; i++) Assert.Equal(first, net.Reach(net.Blue, "fd00:96::1", 80, green, far).Listener);
        Assert.Single(net.Nft("list", "map", "inet", "twill-services", "affinity6").Split('\n'), l => l.Contains("expires", StringComparison.Ordinal));
    }

    [Fact]
    public void Affinity_TimesOut_ThenTheClientIsForgotten()
    {
        using var net = new ServiceNet();
        using Socket green = net.Listen(net.Green, "10.244.1.3"), silent = net.Udp(net.Green, "10.244.1.3", 9);
        net.Writer.Write(new ServiceSnapshot(Node, [Service(Green) with { AffinitySeconds = 1 }]));
        net.Reach(net.Blue, "10.96.0.1", 80, green);
        bool Remembered() => net.Nft("list", "map", "inet", "twill-services", "affinity4").Contains("10.244.1.2", StringComparison.Ordinal);
        Assert.True(Remembered());
        Assert.False(silent.Poll(1_200_000, SelectMode.SelectRead)); // nothing comes there: 1.2 seconds
        Assert.False(Remembered());
    }

    [Fact]
    public void Update_OfAnotherEndpoint_LeavesAConnectionAlone()
    {
        using var net = new ServiceNet();
        using Socket green = net.Listen(net.Green, "10.244.1.3");
        net.Writer.Write(new ServiceSnapshot(Node, [Service(Green)]));
        Assert.Equal(SocketError.Success, net.Connect(net.Blue, "10.96.0.1", 80, out Socket client));
        using Socket server = green.Accept();
        net.Writer.Write(new ServiceSnapshot(Node, [Service(Green, s_far)]));
        net.Writer.Write(new ServiceSnapshot(Node, [Service(s_far)]));
        server.Send(Encoding.ASCII.GetBytes("still"));
        byte[] answer = new byte[16];
        Assert.Equal(5, client.Receive(answer));
    }

    [Fact]
    public void Udp_OneSocket_AlwaysTheSameEndpoint()
    {
        using var net = new ServiceNet();
        using Socket blue = net.Udp(net.Blue, "10.244.1.2"), green = net.Udp(net.Green, "10.244.1.3"), client = net.Udp(net.Outside, "192.0.2.9", 5353);
        ServiceDescription dns = Service(s_blue, Green) with { Ports = [new ServicePort("", ServiceProtocol.Udp, 53)] };
        net.Writer.Write(new ServiceSnapshot(Node, [dns]));
        var target = new IPEndPoint(IPAddress.Parse("10.96.0.1"), 53);
        for (int i = 0; i < 4; i++) client.SendTo("q"u8, target);
        Assert.True(blue.Poll(100_000, SelectMode.SelectRead) ^ green.Poll(100_000, SelectMode.SelectRead));
    }

    [Fact]
    public void Udp_EndpointLeaves_TheSameSocketReachesAnotherAtOnce()
    {
        using var net = new ServiceNet();
        using Socket blue = net.Udp(net.Blue, "10.244.1.2"), green = net.Udp(net.Green, "10.244.1.3"), client = net.Udp(net.Outside, "192.0.2.9", 5353);
        ServiceDescription dns = Service(s_blue) with { Ports = [new ServicePort("", ServiceProtocol.Udp, 53)] };
        net.Writer.Write(new ServiceSnapshot(Node, [dns]));
        var target = new IPEndPoint(IPAddress.Parse("10.96.0.1"), 53);
        byte[] question = new byte[8];
        client.SendTo("q"u8, target);
        Assert.Equal(1, blue.Receive(question));
        net.Writer.Write(new ServiceSnapshot(Node, [dns with { Endpoints = [Green] }]));
        client.SendTo("q"u8, target);
        Assert.Equal(1, green.Receive(question));
    }

    [Fact]
    public void Udp_NodePort_AnswersComeBackThroughTheNode()
    {
        using var net = new ServiceNet();
        using Socket far = net.Udp(net.Outside, "10.244.2.2"), client = net.Udp(net.Outside, "192.0.2.9", 5353);
        net.Writer.Write(new ServiceSnapshot(Node, [Service(s_far) with { Ports = [new ServicePort("", ServiceProtocol.Udp, 53, 30053)] }]));
        client.SendTo("q"u8, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 30053));
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        byte[] text = new byte[8];
        far.ReceiveFrom(text, ref from);
        Assert.Equal("192.0.2.1", ((IPEndPoint)from).Address.ToString());
        far.SendTo("a"u8, from);
        client.ReceiveFrom(text, ref from);
        Assert.Equal("192.0.2.1:30053", from.ToString());
    }
}
