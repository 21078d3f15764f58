using System.Text;
using Twill.Linux.Route;

namespace Twill.Topo.Draw;

/// <summary>The network as a graph for other tools, which lay it out themselves: Mermaid and Graphviz's dot.</summary>
internal static class GraphDrawing
{
    internal static string Mermaid(Topology topology, IReadOnlySet<string> keep)
    {
        var text = new StringBuilder("flowchart TB\n");
        var ids = new Ids();
        foreach (TopologyNode node in topology.Nodes)
        {
            text.Append($"  subgraph {ids.Of(node.Name)}[\"{MermaidText(node.Name, First(node.Addresses))}\"]\n    direction TB\n");
            foreach (GraphPod pod in Pods(node, topology, keep))
            {
                text.Append($"    {ids.Of(pod.Key)}(\"{MermaidText(pod.Name, pod.Detail)}\"){(pod.Bad ? ":::bad" : ":::pod")}\n");
                if (pod.Cabled) text.Append($"    {ids.Of(pod.Key)} --- {ids.Of(node.BridgeKey)}\n");
            }

            if (node.Bridge is { } bridge) text.Append($"    {ids.Of(node.BridgeKey)}[\"{MermaidText(bridge.Name, First(node.BridgeAddresses))}\"]:::{(Bad(topology, node.BridgeKey) ? "bad" : "bridge")}\n");
            text.Append("  end\n");
        }

        string lan = topology.Router?.LanKey ?? "lan";
        if (topology.Nodes.Count > 0) text.Append($"  {ids.Of(lan)}{{{{\"{MermaidText("LAN", First(topology.Router?.LanAddresses ?? []))}\"}}}}\n");
        foreach (TopologyNode node in topology.Nodes)
        {
            if (node.Uplink is { } uplink) text.Append($"  {ids.Of(node.Bridge is null ? node.Name : node.BridgeKey)} {(Bad(topology, node.UplinkKey) ? "-.-" : "---")}|{uplink.Name}| {ids.Of(lan)}\n");
        }

        if (topology.Router is { } router)
        {
            text.Append($"  {ids.Of(router.Name)}[\"{router.Name}\"]:::router\n");
            if (topology.Nodes.Count > 0) text.Append($"  {ids.Of(lan)} --- {ids.Of(router.Name)}\n");
            if (topology.Internet is { } internet) text.Append($"  {ids.Of(internet.Name)}([\"{MermaidText(internet.Name, First(internet.Addresses))}\"]):::internet\n  {ids.Of(router.Name)} --- {ids.Of(internet.Name)}\n");
        }

        return text.Append("""
              classDef pod fill:#eef4ff,stroke:#abc5f4,color:#17489b
              classDef bridge fill:#e2f5ec,stroke:#6cc19f,color:#07583f
              classDef router fill:#fff3df,stroke:#e6b869,color:#7a4900
              classDef internet fill:#f2edfd,stroke:#b9a3ec,color:#5330ad
              classDef bad fill:#fdebee,stroke:#c0233a,color:#c0233a

            """).ToString();
    }

    internal static string Dot(Topology topology, IReadOnlySet<string> keep)
    {
        var text = new StringBuilder("graph pods {\n  graph [fontname=\"monospace\", rankdir=TB];\n  node [fontname=\"monospace\", shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\"];\n  edge [fontname=\"monospace\"];\n");
        foreach (TopologyNode node in topology.Nodes)
        {
            text.Append($"  subgraph {Quote($"cluster {node.Name}")} {{\n    label={Label(node.Name, First(node.Addresses))};\n");
            foreach (GraphPod pod in Pods(node, topology, keep))
            {
                text.Append($"    {Quote(pod.Key)} [label={Label(pod.Name, pod.Detail)}, fillcolor=\"{(pod.Bad ? "#fdebee" : "#eef4ff")}\"];\n");
                if (pod.Cabled) text.Append($"    {Quote(pod.Key)} -- {Quote(node.BridgeKey)};\n");
            }

            if (node.Bridge is { } bridge) text.Append($"    {Quote(node.BridgeKey)} [label={Label(bridge.Name, First(node.BridgeAddresses))}, fillcolor=\"{(Bad(topology, node.BridgeKey) ? "#fdebee" : "#e2f5ec")}\"];\n");
            else text.Append($"    {Quote(node.Name)} [label=\"no bridge\"];\n");
            text.Append("  }\n");
        }

        string lan = topology.Router?.LanKey ?? "lan";
        if (topology.Nodes.Count > 0) text.Append($"  {Quote(lan)} [label={Label("LAN", First(topology.Router?.LanAddresses ?? []))}, shape=hexagon];\n");
        foreach (TopologyNode node in topology.Nodes)
        {
            if (node.Uplink is { } uplink) text.Append($"  {Quote(node.Bridge is null ? node.Name : node.BridgeKey)} -- {Quote(lan)} [label={Quote(uplink.Name)}{(Bad(topology, node.UplinkKey) ? ", style=dashed" : "")}];\n");
        }

        if (topology.Router is { } router)
        {
            text.Append($"  {Quote(router.Name)} [fillcolor=\"#fff3df\"];\n");
            if (topology.Nodes.Count > 0) text.Append($"  {Quote(lan)} -- {Quote(router.Name)};\n");
            if (topology.Internet is { } internet) text.Append($"  {Quote(internet.Name)} [label={Label(internet.Name, First(internet.Addresses))}, fillcolor=\"#f2edfd\"];\n  {Quote(router.Name)} -- {Quote(internet.Name)};\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>A node's pods; of very many only those asked for or in trouble, and a count.</summary>
    private static IEnumerable<GraphPod> Pods(TopologyNode node, Topology topology, IReadOnlySet<string> keep)
    {
        bool many = node.Pods.Count > Scene.NodeCard.MostPods;
        int left = 0;
        foreach (TopologyPod pod in node.Pods)
        {
            bool bad = Bad(topology, pod.Name) || (pod.Host is not null && Bad(topology, pod.CableKey)), cabled = pod.Host is { } host && node.Bridge is { } bridge && host.Master == bridge.Name;
            if (many && !bad && !keep.Contains(pod.Name)) left++;
            else yield return new GraphPod(pod.Name, pod.Name, First(pod.Addresses), cabled, bad);
        }

        if (left > 0) yield return new GraphPod($"{node.Name}/pods", $"{left}{(left < node.Pods.Count ? " more" : "")} pods", "", node.Bridge is not null, false);
    }

    private static bool Bad(Topology topology, string key) => topology.Problems.Any(p => p.Key == key);

    private static string First(IReadOnlyList<IpPrefix> addresses) => addresses.Count == 0 ? "" : addresses[0].ToString();

    private static string MermaidText(string name, string detail) => $"{name}{(detail.Length == 0 ? "" : $"<br/>{detail}")}".Replace("\"", "#quot;", StringComparison.Ordinal);

    private static string Label(string name, string detail) => Quote(detail.Length == 0 ? name : $"{name}\\n{detail}");

    private static string Quote(string text) => $"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private sealed record GraphPod(string Key, string Name, string Detail, bool Cabled, bool Bad);

    /// <summary>Mermaid's names of things are words; "end" and others mean something, so they get a number.</summary>
    private sealed class Ids
    {
        private readonly Dictionary<string, string> _ids = [];

        internal string Of(string key)
        {
            if (_ids.TryGetValue(key, out string? id)) return id;
            return _ids[key] = $"n{_ids.Count}";
        }
    }
}
