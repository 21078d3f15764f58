namespace Twill.Topo.Scene;

/// <summary>A rectangle of cells; its outermost cells are its border.</summary>
/// <param name="Key">Of the thing it stands for: what is clicked, searched, complained about.</param>
/// <param name="Height">1: a row of its own, which text draws without a border.</param>
internal sealed record SceneBox(Part Part, string Key, int X, int Y, int Width, int Height, bool Bad);

/// <summary>A line along cells, through its corners. It begins and ends on borders, or on other lines.</summary>
internal sealed record SceneLine(Part Part, string Key, IReadOnlyList<ScenePoint> Corners, bool Bad);

/// <summary>A cell. A class: lists of values are compiled anew for each kind of value.</summary>
internal sealed record ScenePoint(int X, int Y);

/// <summary>A text of one line, from its first cell to the right.</summary>
/// <param name="Full">What it says where it had to be shortened; else the same.</param>
/// <param name="OnLine">It interrupts the line or the border it stands on, with a free cell at either side.</param>
internal sealed record SceneText(TextRole Role, string Key, int X, int Y, string Text, string Full, bool OnLine, bool Bad)
{
    internal int End => X + Text.Length;
}
