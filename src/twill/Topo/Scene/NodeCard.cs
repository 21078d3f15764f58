using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Topo.Scene;

/// <summary>A node with its pods above, the bridge they are plugged into, the routes below, and its way to the LAN at the foot.</summary>
internal sealed class NodeCard(TopologyNode node, ILookup<string, TopologyProblem> problems, LayoutOptions options) : Card(problems, Least)
{
    /// <summary>Three abreast in 80 columns.</summary>
    internal const int Least = 26;

    /// <summary>Column of the line from the bridge down to the LAN.</summary>
    internal const int Stem = 3;

    /// <summary>Up to this many pods on a node show both ends of their cables; up to the other, one row; beyond, a count.</summary>
    internal const int MostPodsWithCable = 6, MostPods = 40;

    private const int MostRoutes = 6, MostForwarding = 12;

    /// <summary>Letters of a name where a pod has one row.</summary>
    private const int MostNameInRow = 20;

    /// <summary>A pod's name and address that fit on one row of the least card.</summary>
    private const int MostTogether = 16;

    /// <summary>Where pods' cables run down to the bridge.</summary>
    private int Trunk => Width - 4;

    private readonly List<SceneLine> _cables = [];

    protected override void Content()
    {
        _cables.Clear();
        int after = Put(TextRole.Name, node.Name, 3, node.Name, 2, onLine: true);
        if (node.Addresses.Count > 0) Put(TextRole.Address, node.Name, after + 1, node.Addresses[0].Address.ToString(), 2, onLine: true);
        Row = 1;
        PutProblems(node.Name, 3, 2);
        Pods();
        Bridge();
        int stemTop = Row - 1;
        Routes();
        for (int i = 1; i < node.Addresses.Count; i++)
        {
            Put(TextRole.Address, node.UplinkKey, Stem + 2, node.Addresses[i].Address.ToString(), 2);
            Row++;
        }

        if (options.Wide && node.Uplink is { } wide)
        {
            Put(TextRole.Note, node.UplinkKey, Stem + 2, $"{wide.Mac} #{wide.Index}", 2);
            Row++;
        }

        if (node.Uplink is { } uplink)
        {
            PutProblems(node.UplinkKey, Stem + 2, 2);
            Put(TextRole.Port, node.UplinkKey, Stem + 2, $"{uplink.Name} mtu {uplink.Mtu}", 2, onLine: true, bad: Bad(node.UplinkKey));
            Line(Part.Uplink, node.UplinkKey, Bad(node.UplinkKey), new(Stem, node.Bridge is null ? Row : stemTop), new(Stem, Row + 1));
        }
        else
        {
            Put(TextRole.Note, node.Name, Stem + 2, "not on the LAN", 2, onLine: true);
        }

        Row++;
        Frame(Part.Node, node.Name);
    }

    private void Pods()
    {
        IReadOnlyList<TopologyPod> pods = node.Pods;
        if (pods.Count == 0)
        {
            Put(TextRole.Note, node.Name, 3, "no pods", 2);
            Row++;
            return;
        }

        if (pods.Count > MostPods)
        {
            TopologyPod[] kept = [.. pods.Where(p => options.Keep.Contains(p.Name) || Bad(p.Name) || (p.Host is not null && Bad(p.CableKey))).Take(MostPods)];
            foreach (TopologyPod pod in kept) PodRow(pod, kept);
            Rest([.. pods.Except(kept)], kept.Length > 0);
            return;
        }

        foreach (TopologyPod pod in pods)
        {
            if (pods.Count <= MostPodsWithCable) PodBox(pod);
            else PodRow(pod, pods);
        }
    }

    private void PodBox(TopologyPod pod)
    {
        const int X = 2;
        int top = Row, margin = 6;
        bool bad = Bad(pod.Name);
        string address = pod.Addresses.Count > 0 ? pod.Addresses[0].Address.ToString() : "";
        int after = Put(TextRole.Name, pod.Name, X + 2, pod.Name, margin, onLine: true);
        bool together = pod.Name.Length + 1 + address.Length <= MostTogether;
        if (together && address.Length > 0) Put(TextRole.Address, pod.Name, after + 1, address, margin, onLine: true);
        Row++;
        for (int i = together ? 1 : 0; i < pod.Addresses.Count; i++) Inner(TextRole.Address, pod.Addresses[i].Address.ToString());
        if (pod.Containers.Count > 0) Inner(TextRole.Container, string.Join(" · ", pod.Containers));
        if (options.Roomy)
        {
            foreach (RouteState gateway in pod.Gateways) Inner(TextRole.Note, $"default → {gateway.Via}");
        }

        if (options.Wide && pod.End is { } wide) Inner(TextRole.Note, $"{wide.Mac} #{wide.Index} mtu {wide.Mtu}");
        if (pod.End is null && !bad) Inner(TextRole.Note, "no interface");
        foreach (TopologyProblem problem in Problems(pod.Name)) Inner(TextRole.Problem, $"✗ {problem.Mark}");
        string endKey = $"{pod.Name}/{pod.End?.Name}";
        if (pod.End is not null)
        {
            foreach (TopologyProblem problem in Problems(endKey)) Inner(TextRole.Problem, $"✗ {pod.End.Name} {problem.Mark}");
            Put(TextRole.Port, endKey, X + 3, pod.End.Name, margin, onLine: true, bad: Bad(endKey));
        }

        int bottom = Row++;
        Box(Part.Pod, pod.Name, X, top, Width - X - 4, bottom - top + 1, bad);
        if (pod.Host is not { } host) return;
        string key = pod.CableKey;
        bool plugged = node.Bridge is { } bridge && host.Master == bridge.Name, broken = Bad(key) || Bad(endKey);
        int end = Put(TextRole.Port, key, X + 3, host.Name, plugged ? 6 : 4, onLine: true, bad: Bad(key));
        if (plugged) Cable(key, broken, new(X + 1, bottom), new(X + 1, Row), new(Trunk, Row));
        else Line(Part.Cable, key, true, new(X + 1, bottom), new(X + 1, Row), new(end, Row));
        Row++;
        if (options.Wide)
        {
            Put(TextRole.Note, key, X + 3, $"{host.Mac} #{host.Index}", 6);
            Row++;
        }

        PutProblems(key, X + 3, 6);

        void Inner(TextRole role, string text)
        {
            Put(role, pod.Name, X + 2, text, margin, bad: role == TextRole.Problem);
            Row++;
        }
    }

    private void PodRow(TopologyPod pod, IReadOnlyList<TopologyPod> among)
    {
        int names = 0;
        foreach (TopologyPod other in among) names = Math.Min(Math.Max(names, other.Name.Length), MostNameInRow);
        bool plugged = pod.Host is { } host && node.Bridge is { } bridge && host.Master == bridge.Name;
        string endKey = $"{pod.Name}/{pod.End?.Name}";
        Put(TextRole.Name, pod.Name, 3, Shorten(pod.Name, names), 8);
        string address = pod.Addresses.Count > 0 ? pod.Addresses[0].Address.ToString() : pod.End is null ? "not attached" : "no address";
        int end = Put(TextRole.Address, pod.Name, 4 + names, address, 6);
        int edge = Math.Max(end + 1, Width - 7);
        Box(Part.Pod, pod.Name, 2, Row, edge - 1, 1, Bad(pod.Name));
        if (plugged) Cable(pod.CableKey, Bad(pod.CableKey) || Bad(endKey), new(edge, Row), new(Trunk, Row));
        Row++;
        PutProblems(pod.Name, 5, 6);
        if (pod.End is not null) PutProblems(endKey, 5, 6);
        if (pod.Host is not null) PutProblems(pod.CableKey, 5, 6);
    }

    /// <summary>The pods that are only counted.</summary>
    private void Rest(TopologyPod[] pods, bool more)
    {
        if (pods.Length == 0) return;
        string key = $"{node.Name}/pods";
        int top = Row;
        Put(TextRole.Name, key, 4, $"{pods.Length} {(more ? "more pods" : "pods")}", 6, onLine: true);
        Row++;
        Put(TextRole.Address, key, 4, $"{pods[0].Order}", 6);
        Row++;
        Put(TextRole.Address, key, 4, $"to {pods[^1].Order}", 6);
        Row++;
        Box(Part.Pods, key, 2, top, Width - 6, Row - top + 1);
        int bottom = Row++;
        int plugged = pods.Count(p => p.Host is { } host && host.Master == node.Bridge?.Name);
        Put(TextRole.Port, key, 5, $"{plugged} cables", 6, onLine: true);
        if (plugged > 0) Cable(key, false, new(3, bottom), new(3, Row), new(Trunk, Row));
        Row++;
    }

    private void Bridge()
    {
        if (node.Bridge is not { } bridge)
        {
            Put(TextRole.Note, node.Name, 3, "no bridge", 2);
            Row++;
            return;
        }

        int top = Row;
        bool bad = Bad(node.BridgeKey);
        Put(TextRole.Name, node.BridgeKey, 4, bridge.Name, 6, onLine: true, bad: bad);
        foreach (SceneLine cable in _cables) Line(Part.Cable, cable.Key, cable.Bad || bad, [.. cable.Corners, new ScenePoint(Trunk, top)]);
        Row++;
        if (node.BridgeAddresses.Count == 0)
        {
            Put(TextRole.Note, node.BridgeKey, 4, "no address", 4);
            Row++;
        }

        foreach (IpPrefix address in node.BridgeAddresses)
        {
            Put(TextRole.Address, node.BridgeKey, 4, options.Roomy ? address.ToString() : address.Address.ToString(), 4);
            Row++;
        }

        if (options.Wide) Wide(bridge);
        PutProblems(node.BridgeKey, 4, 4);
        Row++;
        Box(Part.Bridge, node.BridgeKey, 2, top, Width - 4, Row - top, bad);
    }

    private void Wide(LinkState bridge)
    {
        Put(TextRole.Note, node.BridgeKey, 4, $"{bridge.Mac} #{bridge.Index} mtu {bridge.Mtu}", 4);
        Row++;
        ForwardingEntry[] learned = [.. node.Network.Forwarding.Where(f => f.Bridge == bridge.Name && !f.Local && f.Port != bridge.Name)];
        foreach (ForwardingEntry entry in learned.Take(MostForwarding))
        {
            Put(TextRole.Note, node.BridgeKey, 4, $"fdb {entry.Mac} → {entry.Port}", 4);
            Row++;
        }

        if (learned.Length <= MostForwarding) return;
        Put(TextRole.Note, node.BridgeKey, 4, $"and {learned.Length - MostForwarding} more", 4);
        Row++;
    }

    private void Routes() => PutRoutes(node.Name, node.Routes, options, MostRoutes, Stem + 2);

    /// <summary>One that ends at the bridge, which is drawn after it.</summary>
    private void Cable(string key, bool bad, params ScenePoint[] corners) => _cables.Add(new SceneLine(Part.Cable, key, corners, bad));
}
