using System.Globalization;
using System.Text;
using Twill.Topo.Scene;

namespace Twill.Topo.Draw;

/// <summary>A picture as SVG: one file, no script, no font, text that can be selected and searched.</summary>
internal sealed class SvgDrawing
{
    /// <summary>A cell in pixels. The widest of the fonts named takes 7.83 at 13 pixels.</summary>
    private const int CellWidth = 8, CellHeight = 20;

    private const int Margin = 28, Baseline = 15, Bend = 8;

    /// <summary>Room above a box's first row, of which so much outside the box; below its last, inside and outside; and what is left of a last row without text.</summary>
    private const int Lead = 9, Above = 3, Tail = 4, Between = 4, Spare = 8;

    private readonly Picture _picture;
    private readonly ILookup<string, TopologyProblem> _problems;
    private readonly StringBuilder _svg = new();

    /// <summary>Where each row of cells begins, and how far below that its text does.</summary>
    private readonly int[] _tops, _leads;

    private SvgDrawing(Picture picture, Topology topology)
    {
        _picture = picture;
        _problems = topology.Problems.ToLookup(p => p.Key);
        (_tops, _leads) = Rows(picture);
    }

    /// <summary>Rows in which boxes begin or end are higher, so that text does not touch edges.</summary>
    private static (int[] Tops, int[] Leads) Rows(Picture picture)
    {
        int[] tops = new int[picture.Height + 1], leads = new int[picture.Height + 1], tails = new int[picture.Height + 1];
        foreach (SceneBox box in picture.Boxes)
        {
            bool one = box.Height == 1;
            leads[box.Y] = Math.Max(leads[box.Y], one ? 1 : Lead);
            tails[box.Y + box.Height - 1] = Math.Max(tails[box.Y + box.Height - 1], one ? 2 : Tail + (IsOuter(box) ? 0 : Between));
        }

        for (int y = 0; y < picture.Height; y++) tops[y + 1] = tops[y] + leads[y] + CellHeight + tails[y];
        return (tops, leads);
    }

    private int Top(int row) => _tops[Math.Min(row, _tops.Length - 1)];

    private int TextTop(int row) => Top(row) + _leads[Math.Min(row, _leads.Length - 1)];

    internal static string File(Picture picture, Topology topology)
    {
        var drawing = new SvgDrawing(picture, topology);
        drawing.Draw(topology, standalone: true);
        return drawing._svg.ToString();
    }

    /// <summary>For a page that has the style already.</summary>
    internal static string Inline(Picture picture, Topology topology)
    {
        var drawing = new SvgDrawing(picture, topology);
        drawing.Draw(topology, standalone: false);
        return drawing._svg.ToString();
    }

    /// <summary>As XML's and HTML's text and attribute values.</summary>
    internal static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);

    private void Draw(Topology topology, bool standalone)
    {
        int width = (_picture.Width * CellWidth) + (2 * Margin), height = Top(_picture.Height) + (2 * Margin);
        _svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"topo\" width=\"{width}\" height=\"{height}\" viewBox=\"{-Margin} {-Margin} {width} {height}\" role=\"img\" aria-labelledby=\"topo-title topo-desc\">\n");
        _svg.Append($"<title id=\"topo-title\">Pod network: {Escape(TopologyLayout.Headline(topology))}</title>\n<desc id=\"topo-desc\">{Escape(Description(topology))}</desc>\n");
        if (standalone) _svg.Append("<style>\n").Append(SvgStyle.FileCss).Append("</style>\n");
        if (standalone) _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"bg\" x=\"{-Margin}\" y=\"{-Margin}\" width=\"{width}\" height=\"{height}\"/>\n");
        foreach (SceneBox box in _picture.Boxes) Box(box);
        foreach (SceneLine line in _picture.Lines) Line(line);
        foreach (SceneLine line in _picture.Lines) Ends(line);
        foreach (SceneText text in _picture.Texts) Text(text);
        _svg.Append("</svg>\n");
    }

    private static string Description(Topology topology)
    {
        var text = new StringBuilder();
        foreach (TopologyNode node in topology.Nodes)
        {
            text.Append($"{node.Name}{(node.Addresses.Count > 0 ? $" ({node.Addresses[0].Address})" : "")} has {node.Pods.Count} pods{(node.Bridge is { } bridge ? $" on {bridge.Name}" : " and no bridge")}. ");
        }

        text.Append(topology.Problems.Count == 0 ? "No problem found." : $"{topology.Problems.Count} problems.");
        return text.ToString();
    }

    /// <summary>Where a box's edges are: a last row without text is cut.</summary>
    private (int X, int Y, int Width, int Height) Rectangle(SceneBox box)
    {
        int last = box.Y + box.Height - 1;
        bool outer = IsOuter(box), spare = box.Height > 1 && !_picture.Texts.Exists(t => t.Y == last && t.X >= box.X && t.X < box.X + box.Width);
        int textBottom = TextTop(last) + CellHeight, top = box.Height == 1 ? TextTop(last) : Top(box.Y) + (outer ? 0 : Above), bottom = box.Height == 1 ? textBottom : spare ? TextTop(last) + Spare : textBottom + Tail;
        return outer ? (box.X * CellWidth, top, box.Width * CellWidth, bottom - top) : ((box.X * CellWidth) + 1, top, (box.Width * CellWidth) - 4, bottom - top);
    }

    private static bool IsOuter(SceneBox box) => box.Part is Part.Node or Part.Router or Part.Internet;

    private void Box(SceneBox box)
    {
        bool outer = IsOuter(box);
        int radius = outer ? 12 : 7;
        (int x, int y, int width, int height) = Rectangle(box);
        if (outer) _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"shade\" x=\"{x}\" y=\"{y + 2}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>\n");
        if (box.Part == Part.Pods)
        {
            // Others behind it.
            for (int i = 2; i > 0; i--) _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"pod\" x=\"{x + (4 * i)}\" y=\"{y - (3 * i)}\" width=\"{width - (8 * i)}\" height=\"{height}\" rx=\"{radius}\"/>\n");
        }

        _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{Class(box.Part)}{(box.Bad ? " bad" : "")}\" data-key=\"{Escape(box.Key)}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"{Hint(box.Key, "rect")}\n");
    }

    /// <summary>A line's corners in pixels; where it begins or ends at a box, at that box's edge.</summary>
    private ScenePoint[] Points(SceneLine line)
    {
        ScenePoint[] points = [.. line.Corners.Select(Centre)];
        if (line.Part == Part.Lan) return points;
        points[0] = AtEdge(line.Corners[0], line.Corners[1], points[0]);
        points[^1] = AtEdge(line.Corners[^1], line.Corners[^2], points[^1]);
        return points;
    }

    private ScenePoint AtEdge(ScenePoint end, ScenePoint before, ScenePoint point)
    {
        for (int i = _picture.Boxes.Count - 1; i >= 0; i--)
        {
            SceneBox box = _picture.Boxes[i];
            int right = box.X + box.Width - 1, bottom = box.Y + box.Height - 1;
            if (end.X < box.X || end.X > right || end.Y < box.Y || end.Y > bottom) continue;
            (int x, int y, int width, int height) = Rectangle(box);
            if (before.Y < end.Y && end.Y == box.Y) return new(point.X, y);
            if (before.Y > end.Y && end.Y == bottom) return new(point.X, y + height);
            if (before.X > end.X && end.X == right) return new(x + width, point.Y);
            if (before.X < end.X && end.X == box.X) return new(x, point.Y);
        }

        return point;
    }

    private void Line(SceneLine line)
    {
        _svg.Append($"<path class=\"{Class(line.Part)}{(line.Bad ? " bad" : "")}\" data-key=\"{Escape(line.Key)}\" d=\"");
        ScenePoint[] points = Points(line);
        _svg.Append(CultureInfo.InvariantCulture, $"M{points[0].X} {points[0].Y}");
        for (int i = 1; i + 1 < points.Length; i++)
        {
            // Round the corner: stop short of it, and curve into the next leg.
            ((int fromX, int fromY), (int x, int y), (int toX, int toY)) = (points[i - 1], points[i], points[i + 1]);
            _svg.Append(CultureInfo.InvariantCulture, $"L{x - (Math.Sign(x - fromX) * Bend)} {y - (Math.Sign(y - fromY) * Bend)}Q{x} {y} {x + (Math.Sign(toX - x) * Bend)} {y + (Math.Sign(toY - y) * Bend)}");
        }

        _svg.Append(CultureInfo.InvariantCulture, $"L{points[^1].X} {points[^1].Y}\"{Hint(line.Key, "path")}\n");
    }

    /// <summary>A plug at each end of a cable.</summary>
    private void Ends(SceneLine line)
    {
        if (line.Part == Part.Lan) return;
        ScenePoint[] points = Points(line);
        foreach ((int x, int y) in (ReadOnlySpan<ScenePoint>)[points[0], points[^1]])
        {
            _svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"dot{(line.Part == Part.Uplink ? " up" : "")}{(line.Bad ? " bad" : "")}\" cx=\"{x}\" cy=\"{y}\" r=\"4\"/>\n");
        }
    }

    private void Text(SceneText text)
    {
        int x = text.X * CellWidth, y = TextTop(text.Y);
        Part? crossing = text.OnLine ? Crossing(text) : null;
        if (crossing is { } part) _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"pill{(part == Part.Lan ? " on-lan" : "")}\" data-key=\"{Escape(text.Key)}\" x=\"{x - 6}\" y=\"{y + 1}\" width=\"{(text.Text.Length * CellWidth) + 12}\" height=\"{CellHeight - 2}\" rx=\"9\"/>\n");
        _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"{Class(text.Role)}{Inside(text)}{(text.Bad ? " bad" : "")}\"{(text.Key.Length > 0 ? $" data-key=\"{Escape(text.Key)}\"" : "")} x=\"{x}\" y=\"{y + Baseline}\">{(text.Full == text.Text ? "" : $"<title>{Escape(text.Full)}</title>")}{Escape(text.Text)}</text>\n");
    }

    /// <summary>The line that runs beneath a text.</summary>
    private Part? Crossing(SceneText text)
    {
        foreach (SceneLine line in _picture.Lines)
        {
            for (int i = 1; i < line.Corners.Count; i++)
            {
                ((int x1, int y1), (int x2, int y2)) = (line.Corners[i - 1], line.Corners[i]);
                if (y1 == y2 && y1 == text.Y && Math.Min(x1, x2) < text.End && Math.Max(x1, x2) >= text.X) return line.Part;
            }
        }

        return null;
    }

    /// <summary>Names take the colour of their box.</summary>
    private string Inside(SceneText text)
    {
        if (text.Role != TextRole.Name) return "";
        for (int i = _picture.Boxes.Count - 1; i >= 0; i--)
        {
            SceneBox box = _picture.Boxes[i];
            if (text.X >= box.X && text.X < box.X + box.Width && text.Y >= box.Y && text.Y < box.Y + box.Height) return box.Part == Part.Node ? "" : $" in-{Class(box.Part)}";
        }

        return "";
    }

    /// <summary>Ends an element, with what is wrong as its tooltip.</summary>
    private string Hint(string key, string element)
    {
        string text = string.Join("\n", _problems[key].Select(p => p.Sentence));
        return text.Length == 0 ? "/>" : $"><title>{Escape(text)}</title></{element}>";
    }

    private ScenePoint Centre(ScenePoint cell) => new((cell.X * CellWidth) + (CellWidth / 2), TextTop(cell.Y) + (CellHeight / 2));

    private static string Class(Part part) => part == Part.Pods ? "pod" : part.ToString().ToLowerInvariant();

    private static string Class(TextRole role) => role.ToString().ToLowerInvariant();
}
