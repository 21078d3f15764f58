using Twill.Lab.Model;

namespace Twill.Topo.Scene;

/// <summary>Where everything stands: nodes in rows, the LAN below each row, router and internet below the last.</summary>
internal static class TopologyLayout
{
    private const int FarGap = 4, LabelAt = 6, MostSentences = 20;

    /// <summary>Columns behind all cards, where a line to the first of two LANs runs.</summary>
    private const int Behind = 3;

    internal static Picture Draw(Topology topology, LayoutOptions options)
    {
        var picture = new Picture();
        ILookup<string, TopologyProblem> problems = topology.Problems.ToLookup(p => p.Key);
        TopologyNode[] nodes = [.. topology.Nodes.Where(n => options.Node is null || n.Name == options.Node)];
        int top = 0;
        if (options.Headline || nodes.Length == 0) Line(picture, top++, Headline(topology), TextRole.Headline, options.Width);
        (int Last, int First, int Column) buses = nodes.Length == 0 ? (0, 0, 0) : Rows(picture, nodes, topology, problems, options, top == 0 ? 0 : top + options.RowGap);
        Far(picture, topology, problems, options, buses, nodes.Length > 0);
        if (options.Sentences) Sentences(picture, topology, options);
        return picture;
    }

    /// <summary>The whole in one line.</summary>
    internal static string Headline(Topology topology)
    {
        LabSpec spec = topology.Spec;
        string family = spec.V4 ? spec.V6 ? "IPv4 and IPv6" : "IPv4" : "IPv6";
        string routes = spec.Empty ? "empty: the rest is yours to build" : spec.Mode switch
        {
            LabMode.Router => "the router has the routes to the pods",
            LabMode.Vxlan => "a tunnel between each two nodes",
            LabMode.Auto => "routes within a LAN, tunnels between the two",
            _ => "each node has a route to the others' pods",
        };
        if (spec.HasAgents) routes += " · agents";
        return topology.Nodes.Count == 0 ? "no nodes" : $"{Count(topology.Nodes.Count, "node")} · {Count(topology.PodCount, "pod")} · {family} · {routes}";
    }

    private static string Count(int n, string what) => $"{n} {what}{(n == 1 ? "" : "s")}";

    private static void Line(Picture picture, int y, string text, TextRole role, int width, string key = "", bool bad = false)
        => picture.Texts.Add(new SceneText(role, key, 0, y, Card.Shorten(text, width), text, false, bad));

    private static void Sentences(Picture picture, Topology topology, LayoutOptions options)
    {
        int y = picture.Height + 1;
        foreach (TopologyProblem problem in topology.Problems.Take(MostSentences))
        {
            string lead = "✗ ";
            foreach (string line in Wrap(problem.Sentence, options.Width - lead.Length))
            {
                Line(picture, y++, lead + line, TextRole.Problem, options.Width, problem.Key, bad: true);
                lead = "  ";
            }
        }

        if (topology.Problems.Count > MostSentences) Line(picture, y, $"and {topology.Problems.Count - MostSentences} more", TextRole.Problem, options.Width, bad: true);
    }

    /// <summary>Words into lines; a word that is longer than a line is broken.</summary>
    private static IEnumerable<string> Wrap(string text, int width)
    {
        while (text.Length > width)
        {
            int at = text.LastIndexOf(' ', width);
            if (at <= 0) at = width;
            yield return text[..at];
            text = text[at..].TrimStart();
        }

        yield return text;
    }

    /// <summary>Each LAN's nodes, and the LAN below them.</summary>
    /// <returns>The rows of the last LAN's last line, and of the first LAN's; where there are two, the column behind all cards.</returns>
    private static (int Last, int First, int Column) Rows(Picture picture, TopologyNode[] nodes, Topology topology, ILookup<string, TopologyProblem> problems, LayoutOptions options, int y)
    {
        bool small = nodes.Length > options.MostDetailedNodes;
        TopologyLan?[] lans = topology.Router is { Lans.Count: > 0 } router ? [.. router.Lans] : [null];
        TopologyNode[][] groups = [.. lans.Select((lan, i) => nodes.Where(n => n.Lan == lan?.Link.Name || (i == 0 && lans.All(l => l?.Link.Name != n.Lan))).ToArray())];
        int used = groups.Count(g => g.Length > 0), column = 0, room = options.Width - (used > 1 ? Behind : 0);
        Card[][] cards = [.. groups.Select(g => g.Select(n => small ? (Card)new SmallNodeCard(n, problems, options) : new NodeCard(n, problems, options)).ToArray())];
        int width = Math.Min(cards.SelectMany(c => c).Max(c => c.Measure()), room - options.Gap);
        int perRow = Math.Clamp((room + options.Gap) / (width + options.Gap), 1, nodes.Length);
        if (used > 1) column = (Math.Min(perRow, groups.Max(g => g.Length)) * (width + options.Gap)) - options.Gap + Behind - 1;
        int first = 0, last = 0;
        for (int i = 0; i < cards.Length; i++)
        {
            if (cards[i].Length == 0) continue;
            if (last > 0) y += 1 + options.RowGap;
            bool isFirst = last == 0;
            last = y = Lan(picture, cards[i], lans[i], used > 1 && isFirst ? column : 0, width, perRow, options, y);
            if (isFirst) first = y;
        }

        return (last, first, column);
    }

    /// <param name="least">Column that the last line reaches at least.</param>
    /// <returns>The row of the last line.</returns>
    private static int Lan(Picture picture, Card[] cards, TopologyLan? lan, int least, int width, int perRow, LayoutOptions options, int y)
    {
        // The line that joins the rows' LANs runs between the first card and the second, or behind the only one.
        int riser = width + (options.Gap / 2), firstBus = 0;
        for (int first = 0; first < cards.Length; first += perRow)
        {
            Card[] row = cards[first..Math.Min(first + perRow, cards.Length)];
            foreach (Card card in row) card.Build(width);
            int height = row.Max(c => c.Height);

            // Short cards stand on the LAN, as all do.
            for (int i = 0; i < row.Length; i++) picture.Add(row[i].Picture, i * (width + options.Gap), y + height - row[i].Height);
            y += height;
            bool last = first + perRow >= cards.Length;
            int end = Math.Max((row.Length * (width + options.Gap)) - options.Gap - 1, last && first == 0 ? 0 : riser);
            string key = lan?.Key ?? "lan";
            bool bad = lan is not { Link.Up: true };
            picture.Lines.Add(new SceneLine(Part.Lan, key, [new(0, y), new(last ? Math.Max(end, least) : end, y)], bad));
            if (first == 0) firstBus = y;
            string label = LanName(lan);
            if (LabelAt + label.Length + 1 <= width) picture.Texts.Add(new SceneText(TextRole.Address, key, LabelAt, y, label, label, true, bad));
            if (last && firstBus != y) picture.Lines.Add(new SceneLine(Part.Lan, key, [new(riser, firstBus), new(riser, y)], bad));
            if (last) return y;
            y += 1 + options.RowGap;
        }

        return y;
    }

    private static void Far(Picture picture, Topology topology, ILookup<string, TopologyProblem> problems, LayoutOptions options, (int Last, int First, int Column) buses, bool connected)
    {
        if (topology.Router is not { } router) return;
        var routerCard = new RouterCard(router, topology.Internet, problems, options);
        int bus = buses.Last, top = bus + (connected ? 2 : 1 + options.RowGap), width = Math.Min(routerCard.Measure(), options.Width);
        routerCard.Build(width);
        picture.Add(routerCard.Picture, 0, top);
        string near = buses.Column == 0 ? router.LanKey : router.Lans[^1].Key;
        if (connected) picture.Lines.Add(new SceneLine(Part.Uplink, near, [new(NodeCard.Stem, bus), new(NodeCard.Stem, top)], problems.Contains(near)));
        if (buses.Column > 0) picture.Lines.Add(new SceneLine(Part.Uplink, router.LanKey, [new(buses.Column, buses.First), new(buses.Column, top + 1), new(width - 1, top + 1)], problems.Contains(router.LanKey)));
        if (topology.Internet is not { } internet) return;
        var internetCard = new InternetCard(internet, problems);
        int wanted = internetCard.Measure(), x = width + FarGap;
        bool cabled = router.Border is not null, below = x + wanted > options.Width;
        internetCard.Build(Math.Min(wanted, options.Width));
        string key = $"{router.Name}/{router.Border?.Name}";
        if (below)
        {
            int under = top + routerCard.Height + 1;
            picture.Add(internetCard.Picture, 0, under);
            if (cabled) picture.Lines.Add(new SceneLine(Part.Uplink, key, [new(NodeCard.Stem, under - 2), new(NodeCard.Stem, under)], problems.Contains(key)));
            return;
        }

        int row = Math.Min(routerCard.BorderRow, routerCard.Height - 2), at = Math.Max(0, row - 1);
        picture.Add(internetCard.Picture, x, top + at);
        if (cabled) picture.Lines.Add(new SceneLine(Part.Uplink, key, [new(width - 1, top + row), new(x, top + row)], problems.Contains(key)));
    }

    private static string LanName(TopologyLan? lan) => lan is null ? "LAN without a router" : lan.Addresses.Count == 0 ? "LAN" : $"LAN {lan.Addresses[0].Network}";
}
