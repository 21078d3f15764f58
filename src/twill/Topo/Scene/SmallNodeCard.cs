namespace Twill.Topo.Scene;

/// <summary>A node among many: its address, its bridge, how many pods, and those asked for or in trouble.</summary>
internal sealed class SmallNodeCard(TopologyNode node, ILookup<string, TopologyProblem> problems, LayoutOptions options) : Card(problems, NodeCard.Least)
{
    private const int MostPods = 12;

    protected override void Content()
    {
        int after = Put(TextRole.Name, node.Name, 3, node.Name, 2, onLine: true);
        if (node.Addresses.Count > 0) Put(TextRole.Address, node.Name, after + 1, node.Addresses[0].Address.ToString(), 2, onLine: true);
        Row = 1;
        PutProblems(node.Name, 3, 2);
        foreach (TopologyPod pod in node.Pods.Where(Shown).Take(MostPods)) Pod(pod);
        string pods = $"{node.Name}/pods";
        Put(TextRole.Note, pods, 3, node.Pods.Count == 1 ? "1 pod" : $"{node.Pods.Count} pods", 2);
        Row++;
        if (node.Bridge is { } bridge)
        {
            int top = Row;
            int name = Put(TextRole.Name, node.BridgeKey, 3, bridge.Name, 2, bad: Bad(node.BridgeKey));
            if (node.BridgeAddresses.Count > 0) Put(TextRole.Address, node.BridgeKey, name + 1, node.BridgeAddresses[0].Address.ToString(), 2);
            Row++;
            Box(Part.Bridge, node.BridgeKey, 2, top, Width - 4, 1, Bad(node.BridgeKey));
            PutProblems(node.BridgeKey, 3, 2);
        }

        TopologyRoute[] bad = [.. node.Routes.Where(r => Bad(r.Key))];
        PutRoutes(node.Name, bad, options, MostPods, 3);
        if (node.Uplink is { } uplink)
        {
            PutProblems(node.UplinkKey, 3, 2);
            Put(TextRole.Port, node.UplinkKey, NodeCard.Stem + 2, $"{uplink.Name} mtu {uplink.Mtu}", 2, onLine: true, bad: Bad(node.UplinkKey));
            Line(Part.Uplink, node.UplinkKey, Bad(node.UplinkKey), new(NodeCard.Stem, Row), new(NodeCard.Stem, Row + 1));
        }

        Row++;
        Frame(Part.Node, node.Name);
    }

    private bool Shown(TopologyPod pod) => options.Keep.Contains(pod.Name) || Bad(pod.Name) || (pod.Host is not null && Bad(pod.CableKey));

    private void Pod(TopologyPod pod)
    {
        Box(Part.Pod, pod.Name, 2, Row, Width - 4, 1, Bad(pod.Name));
        int end = Put(TextRole.Name, pod.Name, 3, pod.Name, 2);
        if (pod.Addresses.Count > 0) Put(TextRole.Address, pod.Name, end + 1, pod.Addresses[0].Address.ToString(), 2);
        Row++;
        PutProblems(pod.Name, 5, 2);
        if (pod.Host is not null) PutProblems(pod.CableKey, 5, 2);
    }
}
