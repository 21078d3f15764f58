using System.Net;
using System.Net.Sockets;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Fabric.Services.Apply;
using Twill.KernelTests.Harness;
using Twill.Linux.Netns;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Services;

/// <summary>A node with two pods of its own, a pod of another node behind a wire, and a client outside. The pods are routed, or on a bridge whose packets pass no inet hook by themselves.</summary>
/// <remarks>blue 10.244.1.2, green 10.244.1.3, far 10.244.2.2 and outside 192.0.2.9 on the wire; the node is 192.0.2.1. IPv6 likewise in fd00:1::, fd00:2:: and 2001:db8::.</remarks>
internal sealed class ServiceNet : IDisposable
{
    private const int TimeoutMs = 4000;

    /// <summary>An answer within the machine takes less than a millisecond.</summary>
    private const int SilenceMs = 300;

    private readonly List<IDisposable> _open = [];

    internal ServiceNet(bool bridged = false)
    {
        Node = Make();
        Blue = Make();
        Green = Make();
        Outside = Make();
        Node.Run(() =>
        {
            Sysctl.Write("net/ipv4/ip_forward", "1");
            Sysctl.Write("net/ipv6/conf/all/forwarding", "1");
        });
        if (bridged)
        {
            Node.Run(() =>
            {
                Sysctl.Write("net/bridge/bridge-nf-call-iptables", "0");
                Sysctl.Write("net/bridge/bridge-nf-call-ip6tables", "0");
            });
            foreach (string line in (string[])[$"link add name {Bridge.Name} type bridge", $"link set {Bridge.Name} alias {BridgePlan.Mark.Replace(' ', '\t')}", $"addr add 10.244.1.1/24 dev {Bridge.Name}", $"addr add fd00:1::1/64 dev {Bridge.Name} nodad", $"link set {Bridge.Name} up"]) Ip(Node, line);
        }

        Wire(Blue, "blue", "10.244.1.2", "fd00:1::2", bridged);
        Wire(Green, "green", "10.244.1.3", "fd00:1::3", bridged);
        Ip(Node, $"link add name wire type veth peer name eth0 netns {Path(Outside)}");
        foreach (string line in (string[])["link set lo up", "addr add 192.0.2.1/24 dev wire", "addr add 2001:db8::1/64 dev wire nodad", "link set wire up", "route add 10.244.2.0/24 via 192.0.2.9", "route add default via 192.0.2.9", "-6 route add fd00:2::/64 via 2001:db8::9"]) Ip(Node, line);
        foreach (string line in (string[])["link set lo up", "addr add 192.0.2.9/24 dev eth0", "addr add 2001:db8::9/64 dev eth0 nodad", "addr add 10.244.2.2/32 dev lo", "addr add fd00:2::2/128 dev lo nodad", "link set eth0 up", "route add 10.244.1.0/24 via 192.0.2.1", "route add 10.96.0.0/16 via 192.0.2.1", "-6 route add fd00:1::/64 via 2001:db8::1"]) Ip(Outside, line);
        Writer = new ServiceWriter(Node);
        _open.Add(Writer);
    }

    internal static BridgeSettings Bridge { get; } = new();

    internal NetworkNamespace Node { get; }

    internal NetworkNamespace Blue { get; }

    internal NetworkNamespace Green { get; }

    internal NetworkNamespace Outside { get; }

    internal ServiceWriter Writer { get; }

    /// <summary>Like: nft ARGUMENTS, on the node.</summary>
    internal string Nft(params string[] arguments) => Command.RunIn(Node, Command.Find("nft"), arguments).Succeeded();

    /// <summary>A listener; connections are accepted by the kernel up to its backlog.</summary>
    internal Socket Listen(NetworkNamespace where, string address, int port = 8080)
    {
        var end = new IPEndPoint(IPAddress.Parse(address), port);
        Socket socket = where.Run(() => new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        _open.Add(socket);
        socket.Bind(end);
        socket.Listen(64);
        return socket;
    }

    internal Socket Udp(NetworkNamespace where, string address, int port = 8080)
    {
        var end = new IPEndPoint(IPAddress.Parse(address), port);
        Socket socket = where.Run(() => new Socket(end.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        _open.Add(socket);
        socket.Bind(end);
        socket.ReceiveTimeout = TimeoutMs;
        return socket;
    }

    /// <summary>Whether a connection is left without an answer.</summary>
    internal bool Vanishes(NetworkNamespace from, string address, int port)
    {
        SocketError error = Connect(from, address, port, out Socket socket, SilenceMs);
        socket.Dispose(); // it would try again
        return error is SocketError.TimedOut or SocketError.NetworkUnreachable or SocketError.HostUnreachable;
    }

    /// <summary>Connects; what went wrong, or success.</summary>
    internal SocketError Connect(NetworkNamespace from, string address, int port, out Socket socket, int timeoutMs = TimeoutMs)
    {
        var end = new IPEndPoint(IPAddress.Parse(address), port);
        Socket made = from.Run(() => new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        _open.Add(made);
        socket = made;
        made.Blocking = false;
        try
        {
            made.Connect(end);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }

        if (!made.Poll(timeoutMs * 1000, SelectMode.SelectWrite)) return SocketError.TimedOut;
        var error = (SocketError)(int)made.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        made.Blocking = true;
        made.ReceiveTimeout = TimeoutMs;
        return error;
    }

    /// <summary>Connects and says from which address the listener sees it, and over which listener.</summary>
    internal (int Listener, string Client) Reach(NetworkNamespace from, string address, int port, params ReadOnlySpan<Socket> listeners)
    {
        SocketError error = Connect(from, address, port, out _);
        Assert.True(error == SocketError.Success, $"connecting to {address} port {port}: {error}");
        List<Socket> reached = [.. listeners];
        Socket.Select(reached, null, null, TimeoutMs * 1000);
        Assert.True(reached.Count > 0, $"no listener was reached through {address} port {port}");
        using Socket accepted = reached[0].Accept();
        return (listeners.IndexOf(reached[0]), ((IPEndPoint)accepted.RemoteEndPoint!).Address.ToString());
    }

    public void Dispose()
    {
        for (int i = _open.Count - 1; i >= 0; i--) _open[i].Dispose();
    }

    private static string Path(NetworkNamespace space) => $"/proc/{Environment.ProcessId}/fd/{space.DescriptorNumber}";

    private static void Ip(NetworkNamespace where, string arguments) => Command.RunIn(where, Command.Find("ip"), [.. arguments.Split(' ').Select(a => a.Replace('\t', ' '))]).Succeeded();

    private NetworkNamespace Make()
    {
        NetworkNamespace space = NetworkNamespace.Create();

        // A forwarder asks for neighbours from its link-local address, which is no use for the second that detection takes.
        space.Run(() => Sysctl.Write("net/ipv6/conf/default/accept_dad", "0"));
        _open.Add(space);
        return space;
    }

    private void Wire(NetworkNamespace pod, string name, string address, string address6, bool bridged)
    {
        Ip(Node, $"link add name {name} type veth peer name eth0 netns {Path(pod)}");
        if (bridged)
        {
            Ip(Node, $"link set {name} master {Bridge.Name} up");
            foreach (string line in (string[])["link set lo up", $"addr add {address}/24 dev eth0", $"addr add {address6}/64 dev eth0 nodad", "link set eth0 up", "route add default via 10.244.1.1", "-6 route add default via fd00:1::1"]) Ip(pod, line);
            return;
        }

        foreach (string line in (string[])[$"addr add 169.254.1.1/32 dev {name}", $"addr add fe80::1/64 dev {name} nodad", $"link set {name} up", $"route add {address}/32 dev {name}", $"-6 route add {address6}/128 dev {name}"]) Ip(Node, line);
        foreach (string line in (string[])["link set lo up", $"addr add {address}/32 dev eth0", $"addr add {address6}/128 dev eth0 nodad", "link set eth0 up", "route add 169.254.1.1 dev eth0", "route add default via 169.254.1.1", "-6 route add default via fe80::1 dev eth0"]) Ip(pod, line);
    }
}
