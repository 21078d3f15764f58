using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Bench;

/// <summary>A node, a pod that connects and a pod that listens, routed.</summary>
internal sealed class ServiceBenchNet : IDisposable
{
    private const int Backlog = 4096;

    private readonly NetworkNamespace _client = NetworkNamespace.Create(), _server = NetworkNamespace.Create();
    private readonly Socket _listener;

    internal ServiceBenchNet()
    {
        Node.Run(() => Sysctl.Write("net/ipv4/ip_forward", "1"));
        Wire(_client, "client", "10.244.1.2");
        Wire(_server, "server", Pod.ToString());
        _listener = _server.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        _listener.Bind(new IPEndPoint(IPAddress.Any, 8080));
        _listener.Listen(Backlog);
    }

    internal static IpAddress Pod { get; } = IpAddress.Parse("10.244.1.3");

    internal NetworkNamespace Node { get; } = NetworkNamespace.Create();

    internal List<double> ConnectUs { get; } = [];

    internal void Connect(IpAddress service)
    {
        using Socket socket = _client.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        var end = new IPEndPoint(IPAddress.Parse(service.ToString()), 80);
        long start = Stopwatch.GetTimestamp();
        socket.Connect(end);
        ConnectUs.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        _listener.Accept().Dispose();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _client.Dispose();
        _server.Dispose();
        Node.Dispose();
    }

    private void Wire(NetworkNamespace pod, string name, string address)
    {
        using RouteSocket node = RouteSocket.Open(Node), inside = RouteSocket.Open(pod);
        node.CreateVeth(new VethSpec { Name = name, PeerName = "eth0", PeerNamespace = pod, Up = true });
        inside.SetUp("eth0");
        IfIndex host = node.GetLink(name).Index, eth0 = inside.GetLink("eth0").Index;
        node.TryAddAddress(host, IpPrefix.Parse("169.254.1.1/32"), AddressFlags.None);
        node.ReplaceRoute(new RouteSpec { Destination = IpPrefix.Parse($"{address}/32"), Dev = host, Scope = RouteScope.Link });
        inside.TryAddAddress(eth0, IpPrefix.Parse($"{address}/32"), AddressFlags.None);
        inside.ReplaceRoute(new RouteSpec { Destination = IpPrefix.Parse("169.254.1.1/32"), Dev = eth0, Scope = RouteScope.Link });
        inside.ReplaceRoute(new RouteSpec { Destination = IpPrefix.Parse("0.0.0.0/0"), Gateway = IpAddress.Parse("169.254.1.1"), Dev = eth0 });
    }
}
