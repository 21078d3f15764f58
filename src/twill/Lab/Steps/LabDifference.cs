using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Lab.Steps;

/// <summary>What leads from the network that is to the network that should be, in the order in which it is done. Pure.</summary>
/// <remarks>
/// Compares what packets notice: who has which cable, what is up, addresses, routes, neighbours, forwarding, masquerading, containers.
/// Hardware addresses, and whose mark a right route bears, are not compared. Additions come before removals. What is not the lab's is
/// left alone; so is everything in an --empty lab that was not there from the beginning.
/// </remarks>
internal sealed partial class LabDifference
{
    private readonly LabState _goal;
    private readonly LabPlan _plan;
    private readonly Dictionary<string, NamespaceState> _actual;
    private readonly LabState _all;
    private readonly List<LabStep> _steps = [];
    private readonly Dictionary<IpAddress, MacAddress> _macs;
    private readonly Dictionary<string, LinkState> _ends = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LinkState> _goalEnds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _blocks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LabPodSpec> _pods;

    private LabDifference(LabState goal, LabState actual)
    {
        _goal = goal;
        _all = actual;
        _plan = new LabPlan(goal.Spec);
        _actual = actual.Namespaces.ToDictionary(n => n.Name, StringComparer.Ordinal);
        _macs = MacsOf(goal);
        foreach ((IpAddress address, MacAddress mac) in MacsOf(actual)) _macs[address] = mac;
        _pods = goal.Spec.Pods.ToDictionary(p => p.Name, StringComparer.Ordinal);
        foreach (LabNodeSpec node in goal.Spec.Nodes)
        {
            foreach (IpPrefix block in _plan.Node(node.Name).PodBlocks) _blocks[block.ToString()] = node.Name;
        }

        foreach (NamespaceState node in goal.Nodes)
        {
            foreach (LinkState link in node.Links.Where(l => l.Master is not null)) _goalEnds[link.PeerNamespace!] = link;
        }

        foreach (NamespaceState node in actual.Nodes)
        {
            foreach (LinkState link in node.Links)
            {
                foreach (string name in link.AltNames) _ends[$"{node.Name} {name}"] = link;
            }
        }
    }

    /// <returns>Empty: in sync. Router first, then node by node with its pods, then what goes.</returns>
    internal static IReadOnlyList<LabStep> Between(LabState goal, LabState actual)
    {
        var difference = new LabDifference(goal, actual);
        difference.Machines();
        difference.Services();
        difference.Surplus();
        return difference._steps;
    }

    /// <summary>All of it: as if nothing were there.</summary>
    internal static IReadOnlyList<LabStep> FromNothing(LabState goal) => Between(goal, new LabState(goal.Spec, []));

    private static Dictionary<IpAddress, MacAddress> MacsOf(LabState state)
    {
        var macs = new Dictionary<IpAddress, MacAddress>();
        foreach (NamespaceState network in state.Namespaces)
        {
            foreach (AddressState address in network.Addresses)
            {
                if (network.Link(address.Device) is { Mac: { } mac, Kind: not "loopback" }) macs[address.Address.Address] = mac;
            }
        }

        return macs;
    }

    private void Machines()
    {
        foreach (NamespaceState wanted in _goal.Namespaces)
        {
            switch (wanted.Kind)
            {
                case LabKind.Router:
                    NamespaceState router = Machine(wanted, LabNames.Router, LabMark.Router(_goal.Spec));
                    Lan(wanted, router);
                    break;
                case LabKind.Internet:
                    NamespaceState internet = Machine(wanted, LabNames.Router, new LabMark(LabKind.Internet, wanted.Name));
                    Cable(_goal.Router!.Link(LabNames.Internet)!, wanted.Link(LabAddresses.Uplink)!, LabNames.Router);
                    Addressing(_goal.Router!, Actual(_goal.Router!), LabNames.Router);
                    Addressing(wanted, internet, LabNames.Router);
                    Sources(_goal.Router!, Actual(_goal.Router!));
                    break;
                case LabKind.Node:
                    Node(wanted, Machine(wanted, wanted.Name, LabMark.Of(new LabNodeSpec(wanted.Index)), closed: _goal.Spec.Empty));
                    break;
                default:
                    LabPodSpec pod = _pods[wanted.Name];
                    Pod(pod, wanted, Machine(wanted, wanted.Node, LabMark.Of(pod)));
                    break;
            }
        }
    }

    private NamespaceState Actual(NamespaceState wanted) => _actual.GetValueOrDefault(wanted.Name) ?? wanted with { Links = [], Addresses = [], Routes = [], Neighbours = [], Forwarding = [], Sysctls = new Dictionary<string, string>(), Chains = [], Rules = [], Sets = [], Containers = [], Agent = "", Told = "" };

    /// <summary>The namespace, its mark, and what loopback and forwarding should be.</summary>
    private NamespaceState Machine(NamespaceState wanted, string group, LabMark mark, bool closed = false)
    {
        NamespaceState actual = Actual(wanted);
        if (!_actual.ContainsKey(wanted.Name)) _steps.Add(new MakeNamespace(mark, group, closed));
        else
        {
            LinkState? lo = actual.Link("lo");
            if (lo?.Alias != mark.Text) _steps.Add(new SetMark(mark, group));
            ServiceNames(mark.Names, lo?.AltNames ?? []);
            if (lo is { Up: false }) _steps.Add(new SetUp(wanted.Name, group, wanted.Link("lo")!));
        }

        return actual;
    }

    private void Lan(NamespaceState wanted, NamespaceState actual)
    {
        foreach (LinkState lan in wanted.Links.Where(l => l.Kind == "bridge"))
        {
            if (actual.Link(lan.Name) is { } there) Settings(wanted.Name, LabNames.Router, lan, there);
            else _steps.Add(new MakeLan(lan));
        }
    }

    /// <summary>A cable of the router's: there, and both ends as they should be.</summary>
    private void Cable(LinkState near, LinkState far, string group)
    {
        LinkState? nearThere = Link(LabNames.Router, near.Name), farThere = Link(near.PeerNamespace!, far.Name);
        if (nearThere is null || farThere is null || !IsCable(nearThere, near, farThere))
        {
            // The far one may be a cable to somewhere else; its going takes the other end with it.
            if (nearThere is not null) _steps.Add(new RemoveLink(LabNames.Router, group, near.Name, $"is not the cable to {near.PeerNamespace}"));
            if (farThere is not null && farThere.PeerNamespace != LabNames.Router) _steps.Add(new RemoveLink(near.PeerNamespace!, group, far.Name, $"is not the cable to the {LabNames.Router}"));
            _steps.Add(new MakeCable(near, far, group));
            return;
        }

        Settings(LabNames.Router, group, near, nearThere);
        Settings(near.PeerNamespace!, group, far, farThere);
    }

    private static bool IsCable(LinkState near, LinkState wanted, LinkState far) => near.PeerNamespace == wanted.PeerNamespace && near.Peer == wanted.Peer && far.PeerNamespace is not null;

    private LinkState? Link(string network, string name) => _actual.GetValueOrDefault(network)?.Link(name);

    /// <summary>Plugged in, as large as it should be, and up.</summary>
    private void Settings(string network, string group, LinkState wanted, LinkState actual)
    {
        if (wanted.Mtu != actual.Mtu) _steps.Add(new SetMtu(network, group, wanted, actual.Mtu));
        if (wanted.Master is not null && wanted.Master != actual.Master) _steps.Add(new SetMaster(network, group, wanted));
        if (!actual.Up) _steps.Add(new SetUp(network, group, wanted));
    }

    private void Node(NamespaceState wanted, NamespaceState actual)
    {
        string name = wanted.Name;
        Cable(_goal.Router!.Link(name)!, wanted.Link(LabAddresses.Uplink)!, name);
        string? made = null;
        if (wanted.Bridge is { } bridge)
        {
            LinkState? there = actual.Link(bridge.Name);
            if (there is { Kind: "bridge" }) Settings(name, name, bridge, there);
            else
            {
                if (there is not null) _steps.Add(new RemoveLink(name, name, bridge.Name, "is not a bridge"));
                _steps.Add(new MakeBridge(name, _plan.Bridge(name), _plan.Network(name)));
                made = bridge.Name;
            }
        }

        Addressing(_goal.Spec.HasAgents ? WithoutAgents(wanted) : wanted, actual, name, made);
        if (!_goal.Spec.Empty) Masquerading(name, actual);
        Agent(wanted, actual);
    }

    /// <summary>Forwarding, addresses, routes, neighbours.</summary>
    /// <param name="wanted">The goal's namespace.</param>
    /// <param name="actual">The same as it is.</param>
    /// <param name="group">Of the steps.</param>
    /// <param name="made">A device that a step before makes with its addresses.</param>
    private void Addressing(NamespaceState wanted, NamespaceState actual, string group, string? made = null)
    {
        foreach ((string key, string value) in wanted.Sysctls)
        {
            if (actual.Sysctls.GetValueOrDefault(key) != value) _steps.Add(new SetSysctl(wanted.Name, group, key, value));
        }

        var present = new HashSet<AddressState>(actual.Addresses);
        foreach (AddressState address in wanted.Addresses)
        {
            if (address.Device != made && !present.Contains(address)) _steps.Add(new AddAddress(wanted.Name, group, address.Device, address.Address));
        }

        Routes(wanted, actual, group);
        if (_goal.Spec.Empty) return;
        if (wanted.Kind != LabKind.Router) SurplusAddresses(wanted, actual, group);
        Neighbours(actual, group);
    }

    /// <summary>Those of a family that the lab has no longer. With a device's last one the kernel drops its routes, so they come after these.</summary>
    private void SurplusAddresses(NamespaceState wanted, NamespaceState actual, string group)
    {
        foreach (AddressState address in actual.Addresses)
        {
            if ((address.Address.IsV6 ? _goal.Spec.V6 : _goal.Spec.V4) || !IsOfPlan(address.Address) || wanted.Link(address.Device) is null) continue;
            _steps.Add(new RemoveAddress(wanted.Name, group, address.Device, address.Address));
        }
    }

    private static bool IsOfPlan(IpPrefix address)
    {
        foreach (IpPrefix prefix in LabAddresses.Everything)
        {
            if (prefix.Contains(address.Address)) return true;
        }

        return false;
    }

    private void Neighbours(NamespaceState actual, string group)
    {
        foreach (NeighbourEntry entry in actual.Neighbours)
        {
            if (entry.Mac is { } mac && _macs.TryGetValue(entry.Address, out MacAddress real) && mac != real) _steps.Add(new RemoveNeighbour(actual.Name, group, entry, real));
        }
    }

    /// <summary>Whatever bears the lab's mark and nobody asked for.</summary>
    private void Surplus()
    {
        var wanted = new HashSet<string>(_goal.Namespaces.Select(n => n.Name), StringComparer.Ordinal);
        foreach (NamespaceState actual in _all.Namespaces)
        {
            if (wanted.Contains(actual.Name)) continue;
            bool nodeStays = actual.Kind == LabKind.Pod && wanted.Contains(actual.Node);
            foreach (string container in actual.Containers) _steps.Add(new StopContainer(actual.Name, container, nodeStays ? actual.Node : ""));
            if (nodeStays && HostEnd(actual.Node, actual.Name) is { } end) _steps.Add(new DetachPod(actual.Node, actual.Name, _plan.Node(actual.Node), end.Name, "still has its cable, and nobody asked for it"));
            if (actual is { Kind: LabKind.Node, Agent.Length: > 0 }) _steps.Add(new StopAgent(actual.Name, "", _goal.Spec, Leaves: true));
            _steps.Add(new RemoveNamespace(actual.Name));
        }

        if (_goal.Router is not { } router || _goal.Spec.Empty) return;
        SurplusRoutes(router, Actual(router), "");
        SurplusAddresses(router, Actual(router), "");
    }
}
