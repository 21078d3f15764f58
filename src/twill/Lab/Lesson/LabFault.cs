using Twill.Cli;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Lab.Steps;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Lab.Lesson;

/// <summary>Something to find: real faults, made by the steps that anybody could type. Pure.</summary>
/// <param name="Lesson">What it teaches, without the answer.</param>
/// <param name="Steps">The answer.</param>
internal sealed record LabFault(string Lesson, IReadOnlyList<LabStep> Steps)
{
    /// <summary>Bytes; the least that IPv6 allows, so that the lesson is the same in every lab.</summary>
    private const int SmallMtu = 1280;

    private static readonly MacAddress s_nobody = new(0x02000000beef);

    internal static IReadOnlyList<string> Kinds { get; } = ["route", "bridge", "veth", "arp", "mtu", "forward", "masquerade"];

    /// <param name="kind">Of <see cref="Kinds"/>.</param>
    /// <param name="state">The lab as it is.</param>
    /// <param name="node">Where; null: the first node.</param>
    /// <exception cref="LabException">There is nothing of that kind to break there.</exception>
    internal static LabFault Of(string kind, LabState state, string? node)
    {
        if (state.Spec.Empty) throw new LabException("this lab is your own work (--empty), and nobody breaks that; `twill lab check-work` says what is missing");
        string name = node ?? state.Spec.Nodes[0].Name;
        if (state.Nodes.FirstOrDefault(n => n.Name == name) is not { } at)
        {
            throw new LabException(ExitCode.NotFound, $"the lab has no node {name}{(Typo.Nearest(name, state.Nodes.Select(n => n.Name)) is { } near ? $"; did you mean {near}?" : "")}");
        }

        var plan = new LabPlan(state.Spec);
        return kind switch
        {
            "route" => Route(state, at, plan),
            "bridge" => new LabFault("pods on one node: what are they plugged into, and does it work?", [new SetDown(name, name, Bridge(at))]),
            "veth" => new LabFault("one pod and its cable: both ends, and where each is plugged in", [new Unplug(name, name, Cable(state, at).End)]),
            "arp" => Arp(state, at),
            "mtu" => Mtu(at),
            "forward" => new LabFault("a node is a router for its pods: does it know?", [new SetSysctl(name, name, state.Spec.V4 ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding", "0")]),
            _ => Masquerade(at),
        };
    }

    private static LabFault Route(LabState state, NamespaceState at, LabPlan plan)
    {
        bool onRouter = state.Spec.Mode == LabMode.Router;
        NamespaceState where = onRouter ? state.Router ?? throw Nothing(at.Name, "router") : at;
        IEnumerable<string> others = onRouter ? [at.Name] : state.Spec.Nodes.Select(n => n.Name).Where(n => n != at.Name);
        ClusterNode[] theirs = [.. others.Select(plan.Node)];
        RouteState? route = where.Routes.FirstOrDefault(r => r.Protocol == ClusterPlan.TwillRouteProtocol && theirs.Any(n => n.PodBlocks.Contains(r.Destination)));
        return new LabFault("from node to node: who knows the way to whose pods?", [new RemoveRoute(where.Name, onRouter ? LabNames.Router : where.Name, route ?? throw Nothing(where.Name, "route to another node's pods"))]);
    }

    private static LabFault Arp(LabState state, NamespaceState at)
    {
        (NamespaceState pod, _) = Cable(state, at);
        IpAddress gateway = pod.Routes.FirstOrDefault(r => r.Destination.Length == 0)?.Via ?? throw Nothing(pod.Name, "default route");
        return new LabFault("whom does a pod hand its packets to: the address is right, is the hardware address?", [new SetNeighbour(pod.Name, at.Name, LabAddresses.PodInterface, gateway, s_nobody)]);
    }

    /// <summary>A node that takes smaller packets than the LAN brings: what is too large is dropped at its door, and nobody is told.</summary>
    private static LabFault Mtu(NamespaceState at)
    {
        LinkState port = at.Link(LabAddresses.Uplink) ?? throw Nothing(at.Name, "cable to the LAN");
        return new LabFault("small packets arrive, large ones vanish, and nobody is told: ping -M do -s 1400", [new SetMtu(at.Name, at.Name, port with { Mtu = SmallMtu }, port.Mtu)]);
    }

    private static LabFault Masquerade(NamespaceState at)
    {
        NftRuleInfo[] rules = [.. at.Rules.Where(r => r.Chain.Table == MasqueradePlan.Table && r.Comment is { } c && MasqueradePlan.IsOf(c, LabAddresses.Network))];
        return rules.Length == 0 ? throw Nothing(at.Name, "masquerading") : new LabFault("a pod asks the internet: under which address, and can the answer find the way back?", [new DropMasquerade(at.Name, at.Name, rules)]);
    }

    private static LinkState Bridge(NamespaceState at) => at.Bridge ?? throw Nothing(at.Name, "bridge");

    private static (NamespaceState Pod, LinkState End) Cable(LabState state, NamespaceState at)
    {
        LinkState end = at.Links.FirstOrDefault(l => l.Master is not null && l.PeerNamespace is { } peer && state.Find(peer) is { Kind: LabKind.Pod }) ?? throw Nothing(at.Name, "pod that is plugged in");
        return (state.Find(end.PeerNamespace!)!, end);
    }

    private static LabException Nothing(string where, string what) => new($"{where} has no {what} to break: `twill lab fix` first, or another node");
}
