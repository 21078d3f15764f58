using Twill.Agent.View;
using Twill.Fabric.Plan;
using Twill.Linux.Route;

namespace Twill.Agent.Doctor;

/// <summary>Pods, and the ways to other nodes.</summary>
internal static partial class DoctorChecks
{
    /// <summary>Free addresses of a block from which on down we warn, as a part of all.</summary>
    private const double NearlyEmpty = 0.05;

    private static IEnumerable<DoctorCheck> Pods()
    {
        yield return new DoctorCheck("TWD025", "pods", "Every bridge of ours is up.", f => f.Report.Kernel.Bridges.FirstOrDefault(b => !b.IsUp) is { } bridge
            ? new Finding($"bridge {bridge.Name} is down: its {bridge.Ports} pods reach nobody", $"ip link set {bridge.Name} up") : null);
        yield return new DoctorCheck("TWD026", "pods", "Every bridge with pods has their gateway's address.", f => f.Report.Kernel.Bridges.FirstOrDefault(b => b is { Ports: > 0, Addresses.Count: 0 }) is { } bridge
            ? new Finding($"bridge {bridge.Name} has {bridge.Ports} pods and no address: their default route leads nowhere", "start the agent, which puts it back, or attach one more pod") : null);
        yield return new DoctorCheck("TWD027", "pods", "Every pod is on its bridge.", f => f.Report.Kernel.Pods.FirstOrDefault(p => p.Bridge is null) is { } pod
            ? new Finding($"pod {pod.Pod}: its host end {pod.Host} is on no bridge", f.Report.Kernel.Bridges is [var b, ..] ? $"ip link set {pod.Host} master {b.Name}" : "start the agent, which puts it back") : null);
        yield return new DoctorCheck("TWD028", "pods", "Every pod's host end is up.", f => f.Report.Kernel.Pods.FirstOrDefault(p => !p.IsUp) is { } pod
            ? new Finding($"pod {pod.Pod}: its host end {pod.Host} is down", $"ip link set {pod.Host} up") : null);
        yield return new DoctorCheck("TWD029", "pods", "No attachment was left half made.", f => f.Abandoned is [var host, ..]
            ? new Finding($"{host} has no owner, and no ADD works on it: an ADD died there, and its address stays taken", $"ip link del {host}, or let the runtime's next GC or DEL do it") { IsWarning = true } : null);
        yield return new DoctorCheck("TWD030", "pods", "There are addresses for more pods.", f => f.Report.Kernel.Subnets.FirstOrDefault(s => s.Free <= (s.Used + s.Free) * NearlyEmpty) is { } use
            ? new Finding($"{use.Subnet}: {use.Used} of {use.Used + use.Free} addresses are used", "twill ipam shows by whom; a larger block needs a drained node") { IsWarning = use.Free > 0 } : null);
        yield return new DoctorCheck("TWD031", "pods", "No pod's packets are larger than the way to other nodes.", f => f.Report.Agent is { } agent && agent.GetProperty("podMtu").ValueKind == System.Text.Json.JsonValueKind.Number && agent.GetProperty("podMtu").GetInt32() is var most && f.Report.Kernel.Pods.FirstOrDefault(p => p.Mtu > most) is { } pod
            ? new Finding($"pod {pod.Pod} has MTU {pod.Mtu}, and the way to other nodes carries {most}: large packets are lost or cut", "restart the pod: new ones get the right MTU") : null);
    }

    private static IEnumerable<DoctorCheck> Ways()
    {
        yield return new DoctorCheck("TWD032", "ways", "Every route of ours leaves by an interface that is up.", f => f.Report.Kernel.Routes.FirstOrDefault(r => !r.IsUp) is { } route
            ? new Finding($"route {route.Destination} leaves by {route.Device}, which is down or has no carrier", $"ip link set {route.Device} up; is its cable in?") : null);
        yield return new DoctorCheck("TWD033", "ways", "No other route hides one of ours.", f => Hiding(f) is { } pair
            ? new Finding($"route {pair.Other} is more specific than ours to {pair.Ours}, and not ours: part of that node's pods are reached by it, or not at all", $"ip route del {pair.Other.Destination}, if it is not meant") : null);
        yield return new DoctorCheck("TWD034", "ways", "No link of this node overlaps another node's block.", f => Overlap(f) is { } pair
            ? new Finding($"address {pair.Address.Address} of this node is of a network that overlaps {pair.Block}, another node's block", "give the node another block, or the link another network") : null);
        yield return new DoctorCheck("TWD035", "ways", "The tunnel's packets fit the interface they leave by.", f => f.Report.Kernel.Tunnel is { } name && f.Links.FirstOrDefault(l => l.Name == name) is { Vxlan.Dev: { } dev } tunnel && f.Links.FirstOrDefault(l => l.Index == dev) is { } below && tunnel.Mtu.Value + Overhead(tunnel) > below.Mtu.Value
            ? new Finding($"{name} has MTU {tunnel.Mtu}, and {below.Name} below it {below.Mtu}: {Overhead(tunnel)} bytes more are needed", $"ip link set {name} mtu {below.Mtu.Value - Overhead(tunnel)}; an agent does it by itself") : null);
    }

    private static int Overhead(Link tunnel) => Fabric.Backends.Overlay.OverheadOf(tunnel.Vxlan?.Local is { IsV6: true });

    private static (Route Other, IpPrefix Ours)? Hiding(DoctorFacts facts)
    {
        foreach (RouteUse ours in facts.Report.Kernel.Routes)
        {
            foreach (Route other in facts.Routes)
            {
                if (other.Protocol != ClusterPlan.TwillRouteProtocol && other.Destination.Length > ours.Destination.Length && ours.Destination.Contains(other.Destination.First)) return (other, ours.Destination);
            }
        }

        return null;
    }

    private static (IfAddress Address, IpPrefix Block)? Overlap(DoctorFacts facts)
    {
        foreach (RouteUse ours in facts.Report.Kernel.Routes.Where(r => r.Destination.Length > 0))
        {
            foreach (IfAddress address in facts.Addresses)
            {
                if (address.Address.Length < address.Address.Address.Bits && address.Address.Network.Overlaps(ours.Destination)) return (address, ours.Destination);
            }
        }

        return null;
    }
}
