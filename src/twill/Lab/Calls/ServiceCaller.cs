using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Twill.Cli;
using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Linux.Conntrack;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.Lab.Calls;

/// <summary>Makes real connections, and asks the nodes' connection tracking what became of source and destination on the way.</summary>
internal static class ServiceCaller
{
    /// <summary>For each connection; in a lab one takes less than one.</summary>
    private const int PatienceMs = 1000;

    private const byte Tcp = 6;

    /// <param name="from">A name of the lab.</param>
    /// <param name="target">A service, or somebody with a port.</param>
    /// <param name="count">How many connections, one after the other.</param>
    /// <exception cref="LabException">One of the ends is not in the lab, or has no address for the other.</exception>
    internal static CallReport Call(LabInventory inventory, string from, CallTarget target, bool v6, int count)
    {
        LabSpec spec = inventory.Spec;
        LabMark sender = Find(inventory, from);
        (IpAddress address, ushort port) = Resolve(inventory, from, target, v6);
        IEnumerable<string> nodes = inventory.Nodes.Select(n => n.Name);
        string near = sender.Kind == LabKind.Pod ? sender.Node : sender.Name;
        string[] asked = [.. nodes.OrderBy(n => n != near)];
        var results = new List<CallResult>(count);
        for (int i = 0; i < count; i++) results.Add(Once(spec, sender, address, port, asked));
        return new CallReport(from, target.Word, address, port, results) { Hint = results.TrueForAll(r => r.Millis is null) && target.IsService ? Why(spec.Service(target.Name), port) : null };
    }

    /// <summary>Address and port that a sender uses for a target.</summary>
    /// <exception cref="LabException">As <see cref="Call"/>.</exception>
    internal static (IpAddress Address, ushort Port) Resolve(LabInventory inventory, string from, CallTarget target, bool v6)
    {
        LabSpec spec = inventory.Spec;
        v6 |= !spec.V4;
        if (v6 && !spec.V6) throw new LabException("the lab has no IPv6: `twill lab up --dual`");
        return target.IsService ? Of(spec, spec.Service(target.Name), target.Port, Find(inventory, from).Kind, v6) : (AddressOf(inventory, target.Name, v6), target.Port);
    }

    private static LabMark Find(LabInventory inventory, string name) => inventory.Marks.FirstOrDefault(m => m.Name == name) ?? throw NotFound(name, inventory.Marks.Select(m => m.Name));

    /// <summary>Those inside use its own address; those outside what it has for them.</summary>
    private static (IpAddress Address, ushort Port) Of(LabSpec spec, LabServiceSpec service, ushort port, LabKind sender, bool v6)
    {
        if (sender is LabKind.Pod or LabKind.Node) return (LabAddresses.Service(service.Number, v6), port == 0 ? service.Port : port);
        if (service.LoadBalancer) return (LabAddresses.LoadBalancer(service.Number, v6), port == 0 ? service.Port : port);
        if (service.NodePort > 0) return (spec.NodeOf(spec.Nodes[0].Index).AddressOf(v6)!.Value, service.NodePort);
        throw new LabException($"service {service.Name} has no address for those outside its cluster: twill lab expose {service.Name} --pods {string.Join(',', service.Pods)} --port {service.Port} --node-port --load-balancer");
    }

    private static IpAddress AddressOf(LabInventory inventory, string name, bool v6)
    {
        if (IpAddress.TryParse(name, out IpAddress address)) return address;
        LabMark mark = Find(inventory, name);
        return mark.Kind switch
        {
            LabKind.Internet => (v6 ? LabAddresses.InternetV6 : LabAddresses.InternetV4).Address,
            LabKind.Router => (v6 ? LabAddresses.RouterV6 : LabAddresses.RouterV4).Address,
            LabKind.Node => inventory.Spec.NodeOf(mark.Index).AddressOf(v6)!.Value,
            _ => LabServices.Addresses(inventory.Spec, inventory.Spec.Pods.First(p => p.Name == name)).First(a => a.IsV6 == v6),
        };
    }

    private static LabException NotFound(string name, IEnumerable<string> names)
        => new(ExitCode.NotFound, $"the lab has no pod or node {name}{(Typo.Nearest(name, names) is { } near ? $"; did you mean \"{near}\"?" : "; `twill lab status` shows them, and services are called svc/NAME")}");

    private static CallResult Once(LabSpec spec, LabMark sender, IpAddress address, ushort port, string[] nodes)
    {
        using NetworkNamespace network = NetworkNamespace.OpenNamed(sender.Name);
        using Socket socket = network.Run(() => new Socket(address.IsV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
        long start = Stopwatch.GetTimestamp();
        SocketError error = Connect(socket, sender, address, port);
        double millis = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (error != SocketError.Success) return new CallResult(null, error == SocketError.TimedOut ? null : Words(error), null, null, null);

        var own = (IPEndPoint)socket.LocalEndPoint!;
        foreach (string node in nodes)
        {
            using NetworkNamespace there = NetworkNamespace.OpenNamed(node);
            using ConntrackSocket tracked = ConntrackSocket.Open(there);
            foreach (ConntrackFlow flow in tracked.Flows(Tcp))
            {
                if (flow.Original.Target != address || flow.Original.TargetPort != port || flow.Original.SourcePort != own.Port || flow.Original.Source.ToString() != own.Address.ToString()) continue;
                return new CallResult(millis, null, node, flow, PodOf(spec, flow.Reply.Source));
            }
        }

        return new CallResult(millis, null, null, null, PodOf(spec, address));
    }

    private static SocketError Connect(Socket socket, LabMark sender, IpAddress address, ushort port)
    {
        try
        {
            // By which others know it; its interface to the router has another.
            if (sender.Kind == LabKind.Internet) socket.Bind(new IPEndPoint((address.IsV6 ? LabAddresses.InternetV6 : LabAddresses.InternetV4).Address.ToIPAddress(), 0));
            socket.Connect(new IPEndPoint(address.ToIPAddress(), port));
            return SocketError.Success;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            if (!socket.Poll(PatienceMs * 1000, SelectMode.SelectWrite)) return SocketError.TimedOut;
            return (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private static string Words(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "refused (ECONNREFUSED)",
        SocketError.HostUnreachable => "no way there (EHOSTUNREACH)",
        SocketError.NetworkUnreachable => "no way there (ENETUNREACH)",
        _ => error.ToString(),
    };

    private static string? PodOf(LabSpec spec, IpAddress address) => spec.Pods.FirstOrDefault(p => LabServices.Addresses(spec, p).Contains(address))?.Name;

    private static string? Why(LabServiceSpec service, ushort port)
        => port != service.Port && port != service.NodePort ? string.Create(CultureInfo.InvariantCulture, $"service {service.Name} has port {service.Port}, and nobody answers at port {port} of its address")
        : service.Pods.Count == 0 ? $"service {service.Name} has no pods, so it refuses: twill lab expose {service.Name} --pods POD,POD"
        : $"its pods ({string.Join(", ", service.Pods)}) must listen on port {service.Target}: twill lab exec {service.Pods[0]} -- ss -ltn";
}
