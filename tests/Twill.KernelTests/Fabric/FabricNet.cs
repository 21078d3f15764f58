using System.Diagnostics;
using Twill.Fabric.Model;
using Twill.Linux.Icmp;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.KernelTests.Fabric;

/// <summary>Nodes on segments, and a router between those that knows no pod: namespaces that end with the test.</summary>
internal sealed class FabricNet : IDisposable
{
    private readonly NetworkNamespace _router = NetworkNamespace.Create();
    private readonly List<NetworkNamespace> _strangers = [];

    /// <param name="segments">Of node1, node2 and so on, from 1.</param>
    internal FabricNet(params int[] segments)
    {
        Router = RouteSocket.Open(_router);
        _router.Run(() =>
        {
            Sysctl.Write("net/ipv4/ip_forward", "1");
            Sysctl.Write("net/ipv6/conf/all/forwarding", "1");
            TrustAddresses();
        });
        foreach (int segment in segments.Distinct())
        {
            Router.TryCreateBridge(new BridgeSpec { Name = $"lan{segment}", Up = true });
            IfIndex lan = Router.GetLink($"lan{segment}").Index;
            Router.TryAddAddress(lan, IpPrefix.Parse($"192.168.{segment}.1/24"));
            Router.TryAddAddress(lan, IpPrefix.Parse($"fd00:192:168:{segment}::1/64"), AddressFlags.NoDad);
        }

        for (int i = 0; i < segments.Length; i++)
        {
            var node = new FabricNode(i + 1);
            node.Host.SetUp(IfIndex.Loopback);
            node.Namespace.Run(() =>
            {
                Sysctl.Write("net/ipv4/ip_forward", "0");
                Sysctl.Write("net/ipv6/conf/all/forwarding", "0");
                TrustAddresses();
            });
            Router.CreateVeth(new VethSpec { Name = $"n{node.Number}", PeerName = "eth0", PeerNamespace = node.Namespace, Up = true });
            node.Host.SetUp("eth0");
            Nodes.Add(node);
            Plug(node, segments[i]);
        }
    }

    internal RouteSocket Router { get; }

    /// <summary>Where a server can be that all nodes reach.</summary>
    internal NetworkNamespace RouterNamespace => _router;

    internal List<FabricNode> Nodes { get; } = [];

    internal Cluster Cluster(string backend) => new() { Backend = backend, Nodes = [.. Nodes.Select(n => n.ToClusterNode())] };

    /// <summary>Puts a node on a segment, with the addresses of that segment only.</summary>
    internal void Plug(FabricNode node, int segment)
    {
        IfIndex device = node.Host.GetLink("eth0").Index;
        if (node.Segment != 0)
        {
            node.Host.RemoveAddress(device, IpPrefix.Parse($"{node.AddressOf(v6: false)}/24"));
            node.Host.RemoveAddress(device, IpPrefix.Parse($"{node.AddressOf(v6: true)}/64"));
        }

        node.Segment = segment;
        Router.SetMaster($"n{node.Number}", Router.GetLink($"lan{segment}").Index);
        node.Host.TryAddAddress(device, IpPrefix.Parse($"{node.AddressOf(v6: false)}/24"));
        node.Host.TryAddAddress(device, IpPrefix.Parse($"{node.AddressOf(v6: true)}/64"), AddressFlags.NoDad);
        node.Host.ReplaceRoute(new RouteSpec { Destination = RouteSpec.DefaultV4, Gateway = IpAddress.Parse($"192.168.{segment}.1") });
        node.Host.ReplaceRoute(new RouteSpec { Destination = RouteSpec.DefaultV6, Gateway = IpAddress.Parse($"fd00:192:168:{segment}::1") });
    }

    /// <summary>A machine on a segment that is no node: 192.168.S.99.</summary>
    internal (NetworkNamespace Namespace, RouteSocket Socket) AddStranger(int segment)
    {
        NetworkNamespace network = NetworkNamespace.Create();
        _strangers.Add(network);
        RouteSocket socket = RouteSocket.Open(network);
        Router.CreateVeth(new VethSpec { Name = "stranger", PeerName = "eth0", PeerNamespace = network, Up = true, Master = Router.GetLink($"lan{segment}").Index });
        socket.SetUp("eth0");
        socket.TryAddAddress(socket.GetLink("eth0").Index, IpPrefix.Parse($"192.168.{segment}.99/24"));
        socket.ReplaceRoute(new RouteSpec { Destination = RouteSpec.DefaultV4, Gateway = IpAddress.Parse($"192.168.{segment}.1") });
        return (network, socket);
    }

    /// <summary>Sends an echo request again and again until it has arrived and its answer too, or the time is over.</summary>
    /// <returns>The source with which it arrived; null: it did not, or no answer came back.</returns>
    internal static IpAddress? SeenFrom(NetworkNamespace from, NetworkNamespace to, IpAddress address, int timeoutMs = 3000, bool answered = true)
    {
        using EchoSocket near = EchoSocket.Open(from, address.IsV6), far = EchoSocket.Open(to, address.IsV6);
        long start = Stopwatch.GetTimestamp();
        IpAddress? seen = null;
        bool back = false;
        Span<bool> ready = stackalloc bool[2];
        Span<byte> payload = stackalloc byte[EchoSocket.MaxPayload];
        for (ushort sequence = 1; Stopwatch.GetElapsedTime(start).TotalMilliseconds < timeoutMs; sequence++)
        {
            near.Send(address, 77, sequence, "twill"u8);
            while (EchoSocket.Wait([near, far], ready, 100) > 0)
            {
                while (far.TryReceive(payload, out EchoArrival arrival))
                {
                    if (arrival.IsRequest) seen = arrival.Source;
                }

                while (near.TryReceive(payload, out EchoArrival arrival)) back |= !arrival.IsRequest;
                if (seen is not null && (back || !answered)) return seen;
            }
        }

        return answered && !back ? null : seen;
    }

    /// <summary>No duplicate address detection: link-local addresses would take two seconds to settle.</summary>
    internal static void TrustAddresses() => Sysctl.Write("net/ipv6/conf/default/accept_dad", "0");

    public void Dispose()
    {
        foreach (FabricNode node in Nodes) node.Dispose();
        foreach (NetworkNamespace stranger in _strangers) stranger.Dispose();
        Router.Dispose();
        _router.Dispose();
    }
}
