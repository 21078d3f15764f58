namespace Twill.Topo.Scene;

/// <summary>A drawing on a grid of character cells: the same for text, SVG and HTML.</summary>
/// <remarks>Later shapes lie above earlier ones. Boxes first, then lines, then texts.</remarks>
internal sealed class Picture
{
    internal List<SceneBox> Boxes { get; } = [];

    internal List<SceneLine> Lines { get; } = [];

    internal List<SceneText> Texts { get; } = [];

    internal int Width => Math.Max(Boxes.Select(b => b.X + b.Width).DefaultIfEmpty(0).Max(), Math.Max(Texts.Select(t => t.End).DefaultIfEmpty(0).Max(), Lines.SelectMany(l => l.Corners).Select(c => c.X + 1).DefaultIfEmpty(0).Max()));

    internal int Height => Math.Max(Boxes.Select(b => b.Y + b.Height).DefaultIfEmpty(0).Max(), Math.Max(Texts.Select(t => t.Y + 1).DefaultIfEmpty(0).Max(), Lines.SelectMany(l => l.Corners).Select(c => c.Y + 1).DefaultIfEmpty(0).Max()));

    /// <summary>Another drawing into this one.</summary>
    internal void Add(Picture other, int x, int y)
    {
        foreach (SceneBox box in other.Boxes) Boxes.Add(box with { X = box.X + x, Y = box.Y + y });
        foreach (SceneLine line in other.Lines) Lines.Add(line with { Corners = [.. line.Corners.Select(c => new ScenePoint(c.X + x, c.Y + y))] });
        foreach (SceneText text in other.Texts) Texts.Add(text with { X = text.X + x, Y = text.Y + y });
    }
}
