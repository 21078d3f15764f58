namespace Twill.Topo.Scene;

/// <summary>A box and what is in it, of a width that is found first and then kept to.</summary>
/// <remarks>Built twice: the first time nothing is too long and the width that the texts want is noted; the second time they keep to it.</remarks>
internal abstract class Card
{
    private readonly ILookup<string, TopologyProblem> _problems;
    private readonly int _least;
    private int _wanted;

    /// <param name="least">Columns that it has in any case.</param>
    protected Card(ILookup<string, TopologyProblem> problems, int least)
    {
        _problems = problems;
        _least = least;
    }

    internal Picture Picture { get; private set; } = new();

    internal int Height { get; private set; }

    /// <summary>Of this building.</summary>
    protected int Width { get; private set; }

    /// <summary>The next free row.</summary>
    protected int Row { get; set; }

    /// <returns>The columns that it wants.</returns>
    internal int Measure()
    {
        _wanted = _least;
        Build(_least, bounded: false);
        return _wanted;
    }

    internal void Build(int width) => Build(width, bounded: true);

    protected abstract void Content();

    protected IEnumerable<TopologyProblem> Problems(string key) => _problems[key];

    protected bool Bad(string key) => _problems.Contains(key);

    /// <param name="margin">Columns that must stay free to the right of it, the box's border included.</param>
    /// <returns>The column behind it.</returns>
    protected int Put(TextRole role, string key, int x, string text, int margin, bool onLine = false, bool bad = false)
    {
        _wanted = Math.Max(_wanted, x + text.Length + margin);
        int room = Math.Max(1, Width - margin - x);
        string shown = _bounded && text.Length > room ? Shorten(text, room) : text;
        if (shown.Length > 0) Picture.Texts.Add(new SceneText(role, key, x, Row, shown, text, onLine, bad));
        return x + shown.Length;
    }

    /// <summary>A row for each problem of a thing.</summary>
    protected void PutProblems(string key, int x, int margin)
    {
        foreach (TopologyProblem problem in Problems(key))
        {
            Put(TextRole.Problem, key, x, $"✗ {problem.Mark}", margin, bad: true);
            Row++;
        }
    }

    protected void Box(Part part, string key, int x, int y, int width, int height, bool bad = false) => Picture.Boxes.Add(new SceneBox(part, key, x, y, width, height, bad));

    /// <summary>The box around all of it, below what is in it.</summary>
    protected void Frame(Part part, string key) => Picture.Boxes.Insert(0, new SceneBox(part, key, 0, 0, Width, Row, Bad(key)));

    /// <summary>Routes, one a row: what is wrong or missing first, then as many as there is room for, and a count.</summary>
    protected void PutRoutes(string network, IReadOnlyList<TopologyRoute> routes, LayoutOptions options, int most, int x)
    {
        string prefix = $"{network}/route/";
        var there = new HashSet<string>(routes.Select(r => r.Key));
        string[] missing = [.. _problems.Select(g => g.Key).Where(k => k.StartsWith(prefix, StringComparison.Ordinal) && !there.Contains(k))];
        foreach (string key in missing.Take(most))
        {
            string destination = key[prefix.Length..];
            Put(TextRole.Problem, key, x, $"✗ no {(destination is "0.0.0.0/0" or "::/0" ? "default" : destination)}", 2, bad: true);
            Row++;
        }

        if (missing.Length > most) Note($"✗ {missing.Length - most} more missing", bad: true);

        // Where both families run, the second tells nothing new; unless there is room, it is counted.
        bool both = routes.Any(r => !r.State.Destination.IsV6) && !options.Roomy;
        TopologyRoute[] wanted = [.. routes.Where(r => Bad(r.Key)), .. routes.Where(r => !Bad(r.Key) && !(both && r.State.Destination.IsV6))];
        int shown = wanted.Length <= most ? wanted.Length : most - 1;
        foreach (TopologyRoute route in wanted.Take(shown))
        {
            bool bad = Bad(route.Key);
            int end = Put(TextRole.Route, route.Key, x, route.Destination, 2, bad: bad);
            string arrow = options.Roomy ? " → " : "→";
            Put(TextRole.Target, route.Key, end, $"{arrow}{route.Target}{(bad ? " ✗" : "")}", 2, bad: bad);
            Row++;
        }

        if (shown < wanted.Length) Note($"and {wanted.Length - shown} routes more", bad: false);
        if (routes.Count > wanted.Length) Note($"and {routes.Count - wanted.Length} of IPv6", bad: false);

        void Note(string text, bool bad)
        {
            Put(bad ? TextRole.Problem : TextRole.Note, network, x, text, 2, bad: bad);
            Row++;
        }
    }

    protected void Line(Part part, string key, bool bad, params ScenePoint[] corners) => Picture.Lines.Add(new SceneLine(part, key, corners, bad));

    /// <summary>The end gives way, with a sign that it did.</summary>
    internal static string Shorten(string text, int room) => text.Length <= room ? text : room <= 1 ? text[..room] : $"{text[..(room - 1)]}…";

    private bool _bounded;

    private void Build(int width, bool bounded)
    {
        Picture = new Picture();
        Width = width;
        Row = 0;
        _bounded = bounded;
        Content();
        Height = Row;
    }
}
