namespace Twill.Topo.Scene;

/// <summary>A drawing on a grid of character cells: the same for text, SVG and HTML.</summary>
/// <remarks>Later shapes lie above earlier ones. Boxes first, then lines, then texts.</remarks>
internal sealed class Picture
{
    internal List<SceneBox> Boxes { get; } = [];

    internal List<SceneLine> Lines { get; } = [];

    internal List<SceneText> Texts { get; } = [];

    internal int Width
    {
        get
        {
            int width = 0;
            foreach (SceneBox box in Boxes) width = Math.Max(width, box.X + box.Width);
            foreach (SceneText text in Texts) width = Math.Max(width, text.End);
            foreach (ScenePoint corner in Lines.SelectMany(l => l.Corners)) width = Math.Max(width, corner.X + 1);
            return width;
        }
    }

    internal int Height
    {
        get
        {
            int height = 0;
            foreach (SceneBox box in Boxes) height = Math.Max(height, box.Y + box.Height);
            foreach (SceneText text in Texts) height = Math.Max(height, text.Y + 1);
            foreach (ScenePoint corner in Lines.SelectMany(l => l.Corners)) height = Math.Max(height, corner.Y + 1);
            return height;
        }
    }

    /// <summary>Another drawing into this one.</summary>
    internal void Add(Picture other, int x, int y)
    {
        foreach (SceneBox box in other.Boxes) Boxes.Add(box with { X = box.X + x, Y = box.Y + y });
        foreach (SceneLine line in other.Lines) Lines.Add(line with { Corners = [.. line.Corners.Select(c => new ScenePoint(c.X + x, c.Y + y))] });
        foreach (SceneText text in other.Texts) Texts.Add(text with { X = text.X + x, Y = text.Y + y });
    }
}
