using Twill.Lab.Model;
using Twill.Linux.Route;

namespace Twill.Topo.Scene;

/// <summary>Where everything stands: nodes in rows, the LAN below each row, router and internet below the last.</summary>
internal static class TopologyLayout
{
    private const int FarGap = 4, LabelAt = 6, MostSentences = 20;

    internal static Picture Draw(Topology topology, LayoutOptions options)
    {
        var picture = new Picture();
        ILookup<string, TopologyProblem> problems = topology.Problems.ToLookup(p => p.Key);
        TopologyNode[] nodes = [.. topology.Nodes.Where(n => options.Node is null || n.Name == options.Node)];
        int top = 0;
        if (options.Headline || nodes.Length == 0) Line(picture, top++, Headline(topology), TextRole.Headline, options.Width);
        int bus = nodes.Length == 0 ? 0 : Rows(picture, nodes, topology, problems, options, top == 0 ? 0 : top + options.RowGap);
        Far(picture, topology, problems, options, bus, nodes.Length > 0);
        if (options.Sentences) Sentences(picture, topology, options);
        return picture;
    }

    /// <summary>The whole in one line.</summary>
    internal static string Headline(Topology topology)
    {
        LabSpec spec = topology.Spec;
        string family = spec.V4 ? spec.V6 ? "IPv4 and IPv6" : "IPv4" : "IPv6";
        string routes = spec.Empty ? "empty: the rest is yours to build" : spec.Mode == LabMode.Router ? "the router has the routes to the pods" : "each node has a route to the others' pods";
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

    /// <returns>The row of the last LAN line.</returns>
    private static int Rows(Picture picture, TopologyNode[] nodes, Topology topology, ILookup<string, TopologyProblem> problems, LayoutOptions options, int y)
    {
        bool small = nodes.Length > options.MostDetailedNodes;
        Card[] cards = [.. nodes.Select(n => small ? (Card)new SmallNodeCard(n, problems, options) : new NodeCard(n, problems, options))];

        // The line that joins the rows' LANs runs between the first card and the second, or behind the only one.
        int width = Math.Min(cards.Max(c => c.Measure()), options.Width - options.Gap);
        int perRow = Math.Clamp((options.Width + options.Gap) / (width + options.Gap), 1, cards.Length);
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
            string key = topology.Router?.LanKey ?? "lan";
            bool bad = topology.Router is not { Lan: { } lan } || !lan.Up;
            picture.Lines.Add(new SceneLine(Part.Lan, key, [new(0, y), new(end, y)], bad));
            if (first == 0) firstBus = y;
            string label = LanName(topology);
            if (LabelAt + label.Length + 1 <= width) picture.Texts.Add(new SceneText(TextRole.Address, key, LabelAt, y, label, label, true, bad));
            if (last && firstBus != y) picture.Lines.Add(new SceneLine(Part.Lan, key, [new(riser, firstBus), new(riser, y)], bad));
            if (last) return y;
            y += 1 + options.RowGap;
        }

        return y;
    }

    private static void Far(Picture picture, Topology topology, ILookup<string, TopologyProblem> problems, LayoutOptions options, int bus, bool connected)
    {
        if (topology.Router is not { } router) return;
        var routerCard = new RouterCard(router, topology.Internet, problems, options);
        int top = bus + (connected ? 2 : 1 + options.RowGap), width = Math.Min(routerCard.Measure(), options.Width);
        routerCard.Build(width);
        picture.Add(routerCard.Picture, 0, top);
        if (connected) picture.Lines.Add(new SceneLine(Part.Uplink, router.LanKey, [new(NodeCard.Stem, bus), new(NodeCard.Stem, top)], problems.Contains(router.LanKey)));
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

    private static string LanName(Topology topology)
    {
        IReadOnlyList<IpPrefix> addresses = topology.Router?.LanAddresses ?? [];
        return topology.Router is null ? "LAN without a router" : addresses.Count == 0 ? "LAN" : $"LAN {addresses[0].Network}";
    }
}
