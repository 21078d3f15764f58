using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Fabric.Services.Compile;
using Twill.Lab.Agents;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Lab.Goal;

/// <summary>The network that a specification asks for, as the kernel would tell it, without asking any kernel.</summary>
/// <remarks>
/// What the kernel adds by itself is left out: indexes, routes to its own addresses, neighbours, learned forwarding entries. Of a
/// bridge's alias the part that says which address was given out last.
/// </remarks>
internal static class LabGoal
{
    /// <summary>What the kernel gives an IPv6 route that names no metric. Source: IP6_RT_PRIO_USER, include/uapi/linux/ipv6_route.h.</summary>
    private const uint MetricV6 = 1024;

    private const int LoopbackMtu = 65536;

    internal static LabState For(LabSpec spec) => For(new LabPlan(spec));

    internal static LabState For(LabPlan plan)
    {
        LabSpec spec = plan.Spec;
        var namespaces = new List<NamespaceState> { Router(plan), Internet(spec) };
        ILookup<string, LabPodSpec> pods = spec.Pods.ToLookup(p => p.Node, StringComparer.Ordinal);
        foreach (LabNodeSpec node in spec.Nodes)
        {
            PodPlan[] plans = spec.Empty ? [] : [.. pods[node.Name].Select(plan.Pod)];
            namespaces.Add(Node(plan, node, plans));
            int i = 0;
            foreach (LabPodSpec pod in pods[node.Name]) namespaces.Add(Pod(pod, spec.Empty ? null : plans[i++]));
        }

        return new LabState(spec, namespaces);
    }

    /// <summary>As the kernel shows a route of ours.</summary>
    internal static RouteState Route(IpPrefix destination, IpAddress? via, string device, RouteProtocol protocol) => new(destination, via, device, protocol, destination.IsV6 ? MetricV6 : 0);

    private static NamespaceState Router(LabPlan plan)
    {
        LabSpec spec = plan.Spec;
        var links = new List<LinkState>
        {
            Loopback(LabMark.Router(spec)),
            new(0, LabAddresses.Lan, "bridge", PodPlan.MacOf(LabAddresses.RouterV4.Address), Mtu.Ethernet.Value, Up: true, Carrier: true),
            new(0, LabNames.Internet, "veth", PodPlan.MacOf(LabAddresses.BorderRouterV4.Address), Mtu.Ethernet.Value, Up: true, Carrier: true, null, LabNames.Internet, LabAddresses.Uplink),
        };
        if (spec.Mode == LabMode.Auto) links.Insert(2, new LinkState(0, LabAddresses.FarLan, "bridge", PodPlan.MacOf(LabAddresses.FarRouterV4.Address), Mtu.Ethernet.Value, Up: true, Carrier: true));
        var addresses = new List<AddressState>();
        foreach (IpPrefix address in spec.Families(LabAddresses.RouterV4, LabAddresses.RouterV6)) addresses.Add(new AddressState(LabAddresses.Lan, address));
        if (spec.Mode == LabMode.Auto)
        {
            foreach (IpPrefix address in spec.Families(LabAddresses.FarRouterV4, LabAddresses.FarRouterV6)) addresses.Add(new AddressState(LabAddresses.FarLan, address));
        }

        foreach (IpPrefix address in spec.Families(LabAddresses.BorderRouterV4, LabAddresses.BorderRouterV6)) addresses.Add(new AddressState(LabNames.Internet, address));
        var routes = new List<RouteState>();
        if (spec.V4) routes.Add(Ours(LabAddresses.InternetV4, LabAddresses.BorderInternetV4.Address, LabNames.Internet));
        if (spec.V6) routes.Add(Ours(LabAddresses.InternetV6, LabAddresses.BorderInternetV6.Address, LabNames.Internet));
        foreach (LabNodeSpec node in spec.Nodes)
        {
            links.Add(new LinkState(0, node.Name, "veth", LabAddresses.PortMac(node.Name), Mtu.Ethernet.Value, Up: true, Carrier: true, spec.IsFar(node.Index) ? LabAddresses.FarLan : LabAddresses.Lan, node.Name, LabAddresses.Uplink));
            ClusterNode known = plan.Node(node.Name);
            if (spec.Mode != LabMode.Router || spec.Empty) continue;
            foreach (IpPrefix block in known.PodBlocks) routes.Add(Ours(block, known.AddressOf(block.IsV6)!.Value, LabAddresses.Lan));
        }

        // Agents answer for the address on the LAN. Without them nobody does, and the router is told where it is.
        foreach (LabServiceSpec service in spec.Services.Where(s => s.LoadBalancer && spec.Nodes.Count > 0 && !spec.HasAgents))
        {
            foreach (IpAddress address in LabServices.LoadBalancers(spec, service)) routes.Add(Ours(new IpPrefix(address, address.Bits), plan.Node(spec.Nodes[0].Name).AddressOf(address.IsV6)!.Value, spec.IsFar(spec.Nodes[0].Index) ? LabAddresses.FarLan : LabAddresses.Lan));
        }

        var sysctls = new Dictionary<string, string>();
        if (spec.V4) sysctls["net/ipv4/ip_forward"] = "1";
        if (spec.V6) sysctls["net/ipv6/conf/all/forwarding"] = "1";
        if (spec is { Mode: LabMode.Router, V4: true })
        {
            // Every packet between nodes leaves by the interface it came in by; without this its sender is told to go another way.
            sysctls["net/ipv4/conf/all/send_redirects"] = "0";
            sysctls[$"net/ipv4/conf/{LabAddresses.Lan}/send_redirects"] = "0";
        }

        return new NamespaceState
        {
            Name = LabNames.Router,
            Kind = LabKind.Router,
            Links = links,
            Addresses = [.. addresses.OrderBy(a => a.Address.IsV6)],
            Routes = routes,
            Sysctls = sysctls,
            Agent = spec is { HasAgents: true, Source: LabSource.Etcd } ? "etcd" : "",
            Told = spec is { HasAgents: true, Source: LabSource.File } ? LabAgents.NodesText(spec) : "",
        };
    }

    private static NamespaceState Internet(LabSpec spec)
    {
        var addresses = new List<AddressState>();
        foreach (IpPrefix address in spec.Families(LabAddresses.InternetV4, LabAddresses.InternetV6)) addresses.Add(new AddressState("lo", address));
        foreach (IpPrefix address in spec.Families(LabAddresses.BorderInternetV4, LabAddresses.BorderInternetV6)) addresses.Add(new AddressState(LabAddresses.Uplink, address));

        // The way back to the LAN only: a pod's own address would find none, as on the real internet.
        var routes = new List<RouteState>();
        if (spec.V4) routes.Add(Ours(LabAddresses.LanV4, LabAddresses.BorderRouterV4.Address, LabAddresses.Uplink));
        if (spec.V6) routes.Add(Ours(LabAddresses.LanV6, LabAddresses.BorderRouterV6.Address, LabAddresses.Uplink));
        if (spec is { Mode: LabMode.Auto, V4: true }) routes.Add(Ours(LabAddresses.FarLanV4, LabAddresses.BorderRouterV4.Address, LabAddresses.Uplink));
        if (spec is { Mode: LabMode.Auto, V6: true }) routes.Add(Ours(LabAddresses.FarLanV6, LabAddresses.BorderRouterV6.Address, LabAddresses.Uplink));
        return new NamespaceState
        {
            Name = LabNames.Internet,
            Kind = LabKind.Internet,
            Links =
            [
                Loopback(new LabMark(LabKind.Internet, LabNames.Internet)),
                new(0, LabAddresses.Uplink, "veth", PodPlan.MacOf(LabAddresses.BorderInternetV4.Address), Mtu.Ethernet.Value, Up: true, Carrier: true, null, LabNames.Router, LabNames.Internet),
            ],
            Addresses = [.. addresses.OrderBy(a => a.Address.IsV6)],
            Routes = routes,
        };
    }

    private static NamespaceState Node(LabPlan plan, LabNodeSpec node, PodPlan[] pods)
    {
        LabSpec spec = plan.Spec;
        NodePlan wanted = plan.PlanOf(node.Name);
        var links = new List<LinkState>
        {
            Loopback(LabMark.Of(node)),
            new(0, LabAddresses.Uplink, "veth", LabAddresses.UplinkMac(node.Index), Mtu.Ethernet.Value, Up: true, Carrier: true, null, LabNames.Router, node.Name),
        };
        var addresses = new List<AddressState>();
        foreach (IpPrefix address in wanted.Addresses) addresses.Add(new AddressState(LabAddresses.Uplink, address));
        IEnumerable<NodeRoute> routes = spec.Empty ? wanted.Routes.Where(r => r.Destination.Length == 0) : wanted.Routes;
        IReadOnlyList<NftRule> rules = [];
        ServicePlan? services = spec.Services.Count > 0 && !spec.Empty ? ServiceCompiler.Compile(LabServices.Snapshot(spec, node.Index)) : null;
        if (!spec.Empty)
        {
            BridgePlan bridge = plan.Bridge(node.Name);
            links.Add(new LinkState(0, bridge.Name, "bridge", bridge.Mac, bridge.Mtu, Up: true, Carrier: pods.Length > 0) { Alias = BridgePlan.Mark, CallsNftables = services is not null });
            foreach (IpPrefix address in bridge.Addresses) addresses.Add(new AddressState(bridge.Name, address));
            foreach (PodPlan pod in pods)
            {
                links.Add(new LinkState(0, pod.HostName, "veth", pod.Owner.HostMac, pod.Mtu, Up: true, Carrier: true, bridge.Name, pod.Owner.ContainerId, pod.Owner.IfName)
                {
                    Alias = pod.Alias,
                    AltNames = [.. pod.AltNames],
                    Port = services is null ? null : new BridgePort { State = BridgePortState.Forwarding, Hairpin = true, Learning = true, Flood = true, McastFlood = true, BroadcastFlood = true },
                });
            }

            rules = plan.Masquerade(node.Name);
            if (wanted.Vxlan is { } vxlan)
            {
                links.Add(new LinkState(0, vxlan.Name, "vxlan", vxlan.Mac, vxlan.Mtu, Up: true, Carrier: true));
                foreach (IpPrefix address in wanted.OverlayAddresses) addresses.Add(new AddressState(vxlan.Name, address));
            }
        }

        return new NamespaceState
        {
            Name = node.Name,
            Kind = LabKind.Node,
            Index = node.Index,
            Links = links,
            Addresses = [.. addresses.OrderBy(a => a.Address.IsV6)],
            // The way out is the machine's own where an agent takes care of what bears our mark.
            Routes = [.. routes.Select(r => Route(r.Destination, r.Gateway!.Value, r.Device ?? LabAddresses.Uplink, spec.HasAgents && r.Destination.Length == 0 ? RouteProtocol.Boot : ClusterPlan.TwillRouteProtocol))],
            Agent = LabAgents.CommandOf(spec, node.Index),
            Sysctls = spec.Empty ? new Dictionary<string, string>() : wanted.Sysctls.ToDictionary(s => s.Key, s => s.Value),
            Chains = [.. rules.Count == 0 ? [] : (NftChain[])[MasqueradePlan.Postrouting], .. services is null ? [] : ServiceTable.Chains, .. services?.Chains.Select(c => c.Chain) ?? []],
            Rules = [.. rules.Concat(services is null ? [] : ServiceTable.Rules).Concat(services?.Chains.SelectMany(c => c.Rules()) ?? []).Select(r => new NftRuleInfo(r.Chain, 0, 0, r.Comment, r.Compile(), default))],
            Sets = services is null ? [] : [.. ServiceTable.AllSets.Select(set => new SetState(set, [.. services.Elements().Where(e => e.Set.Name == set.Name).Select(e => e.Element)]))],
        };
    }

    private static NamespaceState Pod(LabPodSpec pod, PodPlan? plan) => new()
    {
        Name = pod.Name,
        Kind = LabKind.Pod,
        Node = pod.Node,
        Links = plan is null
            ? [Loopback(LabMark.Of(pod))]
            : [Loopback(LabMark.Of(pod)), new(0, plan.Owner.IfName, "veth", plan.PodMac, plan.Mtu, Up: true, Carrier: true, null, pod.Node, plan.HostName)],
        Addresses = plan is null ? [] : AddressesOf(plan),
        Routes = plan is null ? [] : [.. plan.Routes.Select(r => Route(r.Destination, r.Gateway, plan.Owner.IfName, RouteProtocol.Boot))],
        Containers = pod.Containers,
    };

    private static List<AddressState> AddressesOf(PodPlan plan)
    {
        var addresses = new List<AddressState>();
        foreach (PodAddress address in plan.Addresses) addresses.Add(new AddressState(plan.Owner.IfName, address.Address));
        return addresses;
    }

    private static LinkState Loopback(LabMark mark) => new(0, "lo", "loopback", default(MacAddress), LoopbackMtu, Up: true, Carrier: true) { Alias = mark.Text, AltNames = mark.Names };

    private static RouteState Ours(IpPrefix destination, IpAddress via, string device) => Route(destination, via, device, ClusterPlan.TwillRouteProtocol);
}
