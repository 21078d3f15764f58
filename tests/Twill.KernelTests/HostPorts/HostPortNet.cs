using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Twill.Linux.Netns;
using Xunit;

namespace Twill.KernelTests.HostPorts;

/// <summary>A host whose pods come by the plugin, and a client outside on a wire.</summary>
/// <remarks>The host is 192.0.2.1 and 2001:db8::1, the client 192.0.2.9 and 2001:db8::9; the pods' networks are 10.88.0.0/24 and fd88::/64.</remarks>
internal sealed class HostPortNet : IDisposable
{
    private const int TimeoutMs = 700;

    private readonly List<IDisposable> _open = [];

    internal HostPortNet()
    {
        Outside = NetworkNamespace.Create();
        Host.Ip($"link add name wire type veth peer name eth0 netns /proc/{Environment.ProcessId}/fd/{Outside.DescriptorNumber}");
        foreach (string line in (string[])["addr add 192.0.2.1/24 dev wire", "addr add 2001:db8::1/64 dev wire nodad", "link set wire up"]) Host.Ip(line);
        foreach (string line in (string[])["link set lo up", "addr add 192.0.2.9/24 dev eth0", "addr add 2001:db8::9/64 dev eth0 nodad", "link set eth0 up"]) Ip(Outside, line);
    }

    internal HostNamespace Host { get; } = new();

    internal NetworkNamespace Outside { get; }

    /// <summary>Both families, no masquerading: sources are seen as they are.</summary>
    internal static Net Network { get; } = Net.Plain().With("ipam", JsonNode.Parse("""{"type":"host-local","ranges":[[{"subnet":"10.88.0.0/24"}],[{"subnet":"fd88::/64"}]]}"""));

    /// <summary>A call with host ports, e.g. "8080:80", "192.0.2.1:8080:80/udp".</summary>
    internal static Net With(Net net, params IEnumerable<string> ports) => net.With("runtimeConfig", new JsonObject { ["portMappings"] = Mappings(ports) });

    internal static JsonArray Mappings(IEnumerable<string> ports) => new([.. ports.Select(p =>
    {
        string[] sides = p.Split('/');
        int last = sides[0].LastIndexOf(':'), first = sides[0][..last].LastIndexOf(':');
        var mapping = new JsonObject { ["hostPort"] = int.Parse(sides[0][(first + 1)..last]), ["containerPort"] = int.Parse(sides[0][(last + 1)..]), ["protocol"] = sides.Length > 1 ? sides[1] : "tcp" };
        if (first > 0) mapping["hostIP"] = sides[0][..first].Trim('[', ']');
        return (JsonNode)mapping;
    })]);

    /// <summary>An ADD with host ports.</summary>
    internal PluginOutcome Add(Pod pod, params string[] ports) => AddNamed(pod, null, ports);

    /// <param name="name">Told as the kubelet does.</param>
    internal PluginOutcome AddNamed(Pod pod, string? name, params string[] ports) => (With(Network, ports).Call("ADD", pod) with { Args = Named(name) }).In(Host);

    /// <summary>An ADD that asks for this address, without ports.</summary>
    internal PluginOutcome AddAt(Pod pod, string address, params string[] ports)
    {
        var config = new JsonObject { ["ips"] = new JsonArray(address) };
        if (ports.Length > 0) config["portMappings"] = Mappings(ports);
        return Network.With("runtimeConfig", config).Call("ADD", pod).In(Host);
    }

    internal Socket Listen(NetworkNamespace where, string address, int port) => Bind(where, address, port, SocketType.Stream);

    internal Socket Udp(NetworkNamespace where, string address, int port) => Bind(where, address, port, SocketType.Dgram);

    /// <summary>Connects, and asks the listener who came.</summary>
    /// <returns>The client's address as the listener sees it; or what went wrong.</returns>
    internal string Reach(NetworkNamespace from, string address, int port, Socket listener)
    {
        var end = new IPEndPoint(IPAddress.Parse(address), port);
        using Socket client = from.Run(() => new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        client.Blocking = false;
        try
        {
            client.Connect(end);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode.ToString();
        }

        if (!client.Poll(TimeoutMs * 1000, SelectMode.SelectWrite)) return nameof(SocketError.TimedOut);
        var error = (SocketError)(int)client.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error != SocketError.Success) return error.ToString();
        if (!listener.Poll(TimeoutMs * 1000, SelectMode.SelectRead)) return "somebody else";
        using Socket accepted = listener.Accept();
        accepted.Send("x"u8);
        client.Blocking = true;
        client.ReceiveTimeout = TimeoutMs;
        byte[] answer = new byte[1];
        Assert.Equal(1, client.Receive(answer));
        return ((IPEndPoint)accepted.RemoteEndPoint!).Address.ToString();
    }

    /// <summary>Sends one datagram and takes the answer.</summary>
    /// <returns>The client's address as the pod sees it, or null: nothing came.</returns>
    internal static string? Ask(Socket client, string address, int port, Socket server)
    {
        client.SendTo("q"u8.ToArray(), new IPEndPoint(IPAddress.Parse(address), port));
        if (!server.Poll(TimeoutMs * 1000 / 3, SelectMode.SelectRead)) return null;
        EndPoint from = new IPEndPoint(server.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        byte[] question = new byte[8];
        server.ReceiveFrom(question, ref from);
        server.SendTo("a"u8.ToArray(), from);
        Assert.True(client.Poll(TimeoutMs * 1000, SelectMode.SelectRead), $"no answer from {address}:{port}");
        EndPoint answerer = from;
        client.ReceiveFrom(question, ref answerer);
        Assert.Equal($"{new IPEndPoint(IPAddress.Parse(address), port)}", $"{answerer}");
        return ((IPEndPoint)from).Address.ToString();
    }

    /// <summary>Like: nft list table inet twill-hostport; empty where it is not there.</summary>
    internal string Table() => Host.Exec("nft", ["list", "table", "inet", "twill-hostport"]) is { ExitCode: 0 } listed ? listed.OutputText : "";

    internal static void Ip(NetworkNamespace where, string arguments) => Command.RunIn(where, Command.Find("ip"), arguments.Split(' ')).Succeeded();

    public void Dispose()
    {
        for (int i = _open.Count - 1; i >= 0; i--) _open[i].Dispose();
        Outside.Dispose();
        Host.Dispose();
    }

    private static string? Named(string? name) => name is null ? null : $"IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME={name}";

    private Socket Bind(NetworkNamespace where, string address, int port, SocketType type)
    {
        var end = new IPEndPoint(IPAddress.Parse(address), port);
        Socket socket = where.Run(() => new Socket(end.AddressFamily, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp));
        _open.Add(socket);
        socket.Bind(end);
        if (type == SocketType.Stream) socket.Listen(16);
        return socket;
    }
}
