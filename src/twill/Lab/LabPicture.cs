using System.Text;

namespace Twill.Lab;

/// <summary>Draws a lab: a pure function of what was read from the kernel.</summary>
/// <remarks>
/// Three nodes side by side in 80 columns; where names or addresses are longer, fewer. A node with many pods shows one line each,
/// then counts; a lab with many nodes becomes a table.
/// </remarks>
internal static class LabPicture
{
    private const int Width = 80, Gap = 1, LeastInner = 24, MostBoxes = 6;

    /// <summary>Up to this many pods on a node show both ends of their cables; up to the other, one line; beyond, a count.</summary>
    private const int MostPodsWithCable = 6, MostPods = 40;

    private const int MostRoutes = 6;

    /// <summary>Column inside a box where the line from the bridge down to eth0 runs.</summary>
    private const int Stem = 2;

    internal static string Draw(LabView view, Style style)
    {
        var text = new StringBuilder();
        if (view.Nodes.Count == 0) text.Append("no nodes\n");
        else if (view.Nodes.Count > MostBoxes) Table(text, view.Nodes);
        else Boxes(text, view);
        Outside(text, view);
        return style.Unicode ? text.ToString() : ToAscii(text);
    }

    private static void Boxes(StringBuilder text, LabView view)
    {
        int inner = Math.Max(LeastInner, view.Nodes.Max(NeededWidth));
        int perRow = Math.Clamp((Width + Gap) / (inner + 2 + Gap), 1, 3);
        for (int first = 0; first < view.Nodes.Count; first += perRow)
        {
            NodeView[] row = [.. view.Nodes.Skip(first).Take(perRow)];
            List<string>[] boxes = [.. row.Select(n => Box(n, inner))];
            int height = boxes.Max(b => b.Count);
            for (int i = 0; i < height; i++)
            {
                // Short boxes stand on the LAN, as all do.
                string line = string.Join(new string(' ', Gap), boxes.Select(b => i < height - b.Count ? new string(' ', inner + 2) : b[i - (height - b.Count)]));
                text.Append(line.TrimEnd()).Append('\n');
            }

            Bus(text, row.Length, inner, view);
        }
    }

    /// <summary>The LAN below a row of nodes.</summary>
    private static void Bus(StringBuilder text, int nodes, int inner, LabView view)
    {
        char[] bus = new string('═', (nodes * (inner + 2 + Gap)) - Gap).ToCharArray();
        for (int i = 0; i < nodes; i++) bus[(i * (inner + 2 + Gap)) + 1 + Stem] = '╧';
        string label = $" LAN {(view.Router is { Lan.Count: > 0 } r ? NetworkOf(r.Lan[0]) : "without a router")} ";
        if (6 + label.Length <= bus.Length) label.CopyTo(0, bus, 6, label.Length);
        text.Append(bus).Append('\n');
    }

    private static void Outside(StringBuilder text, LabView view)
    {
        if (view.Router is not { } router) return;
        text.Append($"   │\n   └─ router {PodView.Bare(router.Lan.Count > 0 ? router.Lan[0] : "?")}");
        if (view.Internet is { } internet) text.Append($" ─── {(router.Border.Count > 0 ? $"{PodView.Bare(router.Border[0])} ─── " : "")}internet {string.Join(" ", internet.Addresses.Where(a => !a.Contains(':', StringComparison.Ordinal)).Select(PodView.Bare))}");
        text.Append('\n');
        if (view.Internet is { } far && far.Addresses.FirstOrDefault(a => a.Contains(':', StringComparison.Ordinal)) is { } v6) text.Append($"             {string.Join(" ", router.Lan.Skip(1).Select(PodView.Bare))} ─── {PodView.Bare(v6)}\n");
    }

    private static int NeededWidth(NodeView node)
    {
        int width = $"─ {node.Name} {node.Address} ─".Length;
        if (node.Pods.Count <= MostPods)
        {
            foreach (PodView pod in node.Pods) width = Math.Max(width, Math.Max(PodLine(pod).Length + 4, node.Pods.Count <= MostPodsWithCable ? CableLine(pod).Length + 3 : 0));
        }

        foreach (string line in BridgeLines(node)) width = Math.Max(width, line.Length + 6);
        foreach (string line in RouteLines(node)) width = Math.Max(width, line.Length + Stem + 3);
        return width;
    }

    private static List<string> Box(NodeView node, int inner)
    {
        var lines = new List<string>();
        string title = $"─ {node.Name} {node.Address} ";
        lines.Add($"┌{title}{new string('─', inner - title.Length)}┐");
        int trunk = inner - 3;
        PodLines(lines, node, inner, trunk);

        bool cables = node.Pods.Any(p => p.HostInterface is not null);
        char[] top = $" ┌{new string('─', inner - 4)}┐ ".ToCharArray();
        if (cables) top[trunk] = '┴';
        lines.Add($"│{new string(top)}│");
        foreach (string bridge in BridgeLines(node)) lines.Add($"│ │ {bridge.PadRight(inner - 6)} │ │");
        char[] bottom = $" └{new string('─', inner - 4)}┘ ".ToCharArray();
        bottom[Stem] = '┬';
        lines.Add($"│{new string(bottom)}│");
        foreach (string route in RouteLines(node)) lines.Add($"│{$"{new string(' ', Stem)}│ {route}".PadRight(inner)}│");
        lines.Add($"│{$" {(node.Addresses.Count == 0 ? "no eth0 address" : $"eth0 mtu {node.Mtu}")}".PadRight(inner)}│");
        char[] floor = new string('─', inner).ToCharArray();
        floor[Stem] = '┬';
        lines.Add($"└{new string(floor)}┘");
        return lines;
    }

    private static void PodLines(List<string> lines, NodeView node, int inner, int trunk)
    {
        if (node.Pods.Count == 0)
        {
            lines.Add($"│{" no pods".PadRight(inner)}│");
            return;
        }

        if (node.Pods.Count > MostPods)
        {
            lines.Add($"│{$" {node.Pods.Count} pods".PadRight(inner)}│");
            lines.Add($"│{$" {node.Pods[0].Address} to".PadRight(inner)}│");
            lines.Add($"│{$" {node.Pods[^1].Address} ".PadRight(trunk, '─')}┐  │");
            return;
        }

        bool both = node.Pods.Count <= MostPodsWithCable, begun = false;
        foreach (PodView pod in node.Pods)
        {
            bool attached = pod.HostInterface is not null;
            string knee = begun ? "┤" : "┐", pass = begun ? "│" : " ";
            if (both)
            {
                lines.Add($"│{PodLine(pod).PadRight(trunk)}{pass}  │");
                lines.Add(attached ? $"│{CableLine(pod).PadRight(trunk, '─')}{knee}  │" : $"│{"  not attached".PadRight(trunk)}{pass}  │");
            }
            else
            {
                lines.Add(attached ? $"│{(PodLine(pod) + " ").PadRight(trunk, '─')}{knee}  │" : $"│{$" {pod.Name} not attached".PadRight(trunk)}{pass}  │");
            }

            begun |= attached;
        }
    }

    private static string PodLine(PodView pod) => $" {pod.Name} {pod.Address}";

    private static string CableLine(PodView pod) => $" {pod.Interface}─{pod.HostInterface ?? "not attached"}";

    private static IEnumerable<string> BridgeLines(NodeView node)
    {
        if (node.Bridge is not { } bridge)
        {
            yield return "no bridge yet";
            yield break;
        }

        yield return $"{bridge.Name} {(bridge.Addresses.Count == 0 ? "no address" : PodView.Bare(bridge.Addresses[0]))}";
        foreach (string other in bridge.Addresses.Skip(1)) yield return PodView.Bare(other);
    }

    private static IEnumerable<string> RouteLines(NodeView node)
    {
        RouteLine[] v4 = [.. node.Routes.Where(r => !r.Gateway.Contains(':', StringComparison.Ordinal)).OrderBy(r => r.Destination == "default")];
        int shown = v4.Length <= MostRoutes ? v4.Length : MostRoutes - 1;
        foreach (RouteLine route in v4.Take(shown)) yield return $"{route.Destination}→{route.Towards ?? route.Gateway}";
        if (shown < v4.Length) yield return $"and {v4.Length - shown} routes more";
        int v6 = node.Routes.Count - v4.Length;
        if (v6 > 0) yield return $"and {v6} of IPv6";
    }

    private static void Table(StringBuilder text, IReadOnlyList<NodeView> nodes)
    {
        string[][] rows =
        [
            ["node", "address", "bridge", "", "pods", "routes"],
            .. nodes.Select(n => (string[])[n.Name, n.Address, n.Bridge?.Name ?? "none", n.Bridge is { Addresses.Count: > 0 } b ? b.Addresses[0] : "", Pods(n), $"{n.Routes.Count}"]),
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length))];
        foreach (string[] row in rows) text.Append(' ').Append(string.Join("  ", row.Select((cell, c) => cell.PadRight(widths[c]))).TrimEnd()).Append('\n');
        string Pods(NodeView n) => n.Pods.Count == 0 ? "0" : $"{n.Pods.Count}: {n.Pods[0].Name}{(n.Pods.Count > 1 ? $" .. {n.Pods[^1].Name}" : "")}";
    }

    private static string NetworkOf(string prefix) => Linux.Route.IpPrefix.TryParse(prefix, out var parsed) ? parsed.Network.ToString() : prefix;

    /// <summary>One character for one, so that columns stay.</summary>
    private static string ToAscii(StringBuilder text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = text[i] switch
            {
                '─' => '-',
                '│' => '|',
                '═' => '=',
                '→' => '>',
                > '\u007f' => '+',
                char c => c,
            };
        }

        return text.ToString();
    }
}
