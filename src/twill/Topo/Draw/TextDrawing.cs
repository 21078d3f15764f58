using System.Text;
using Twill.Lab;
using Twill.Topo.Scene;

namespace Twill.Topo.Draw;

/// <summary>A picture as lines of characters, UTF-8 or ASCII.</summary>
internal static class TextDrawing
{
    private const int Up = 1, Right = 2, Down = 4, Left = 8;

    /// <summary>By the directions of light lines that meet: 1 up, 2 right, 4 down, 8 left. One direction alone is the end of a line.</summary>
    private const string Light = " │─└││┌├─┘─┴┐┤┬┼", Double = " ║═╚║║╔╠═╝═╩╗╣╦╬";

    /// <summary>A double line from left to right that light lines meet from above, below, or both.</summary>
    private const char BusAbove = '╧', BusBelow = '╤', BusBoth = '╪';

    internal static string Draw(Picture picture, Style style)
    {
        int width = picture.Width, height = picture.Height;
        var canvas = new Canvas(width, height);
        foreach (SceneBox box in picture.Boxes) canvas.Box(box);
        foreach (SceneLine line in picture.Lines) canvas.Line(line);
        foreach (SceneText text in picture.Texts) canvas.Text(text);
        return canvas.ToString(style);
    }

    private struct Cell
    {
        internal int Light, Double;
        internal char Letter;
        internal TextRole Role;
        internal bool Bad;
    }

    private sealed class Canvas(int width, int height)
    {
        private readonly Cell[] _cells = new Cell[width * height];

        internal void Box(SceneBox box)
        {
            if (box.Height < 2) return;
            int right = box.X + box.Width - 1, bottom = box.Y + box.Height - 1;

            // What lies below shows no more.
            for (int y = box.Y; y <= bottom; y++) _cells.AsSpan((y * width) + box.X, box.Width).Clear();
            Stroke(box.X, box.Y, right, box.Y, light: true, box.Bad);
            Stroke(box.X, bottom, right, bottom, light: true, box.Bad);
            Stroke(box.X, box.Y, box.X, bottom, light: true, box.Bad);
            Stroke(right, box.Y, right, bottom, light: true, box.Bad);
        }

        internal void Line(SceneLine line)
        {
            for (int i = 1; i < line.Corners.Count; i++) Stroke(line.Corners[i - 1].X, line.Corners[i - 1].Y, line.Corners[i].X, line.Corners[i].Y, line.Part != Part.Lan, line.Bad);
        }

        internal void Text(SceneText text)
        {
            if (text.OnLine)
            {
                Blank(text.X - 1, text.Y);
                Blank(text.End, text.Y);
            }

            for (int i = 0; i < text.Text.Length; i++) _cells[(text.Y * width) + text.X + i] = new Cell { Letter = text.Text[i], Role = text.Role, Bad = text.Bad };
        }

        internal string ToString(Style style)
        {
            var result = new StringBuilder((width + 1) * height);
            for (int y = 0; y < height; y++)
            {
                int end = width;
                while (end > 0 && IsBlank(_cells[(y * width) + end - 1])) end--;
                string paint = "";
                for (int x = 0; x < end; x++)
                {
                    Cell cell = _cells[(y * width) + x];
                    string wanted = style.Colour ? Paint(cell) : "";
                    if (wanted != paint && !IsBlank(cell))
                    {
                        if (paint.Length > 0) result.Append("\e[0m");
                        if (wanted.Length > 0) result.Append("\e[").Append(wanted).Append('m');
                        paint = wanted;
                    }

                    char c = Character(cell);
                    result.Append(style.Unicode ? c : ToAscii(c));
                }

                if (paint.Length > 0) result.Append("\e[0m");
                result.Append('\n');
            }

            return result.ToString();
        }

        private void Blank(int x, int y)
        {
            if (x >= 0 && x < width) _cells[(y * width) + x] = default;
        }

        /// <summary>From one cell to another in a straight line.</summary>
        private void Stroke(int x1, int y1, int x2, int y2, bool light, bool bad)
        {
            int dx = Math.Sign(x2 - x1), dy = Math.Sign(y2 - y1), steps = Math.Max(Math.Abs(x2 - x1), Math.Abs(y2 - y1));
            (int ahead, int back) = dx > 0 ? (Right, Left) : dx < 0 ? (Left, Right) : dy > 0 ? (Down, Up) : (Up, Down);
            for (int i = 0; i <= steps; i++)
            {
                int mask = (i < steps ? ahead : 0) | (i > 0 ? back : 0);
                ref Cell cell = ref _cells[((y1 + (i * dy)) * width) + x1 + (i * dx)];
                if (light) cell.Light |= mask;
                else cell.Double |= mask;
                cell.Bad |= bad;
            }
        }

        private static bool IsBlank(in Cell cell) => cell is { Letter: '\0' or ' ', Light: 0, Double: 0 };

        private static char Character(in Cell cell)
        {
            if (cell.Letter != 0) return cell.Letter;
            if (cell.Double == 0) return Light[cell.Light];
            bool above = (cell.Light & Up) != 0, below = (cell.Light & Down) != 0;
            return (cell.Double & (Up | Down)) != 0 || !(above || below) ? Double[cell.Double] : above && below ? BusBoth : above ? BusAbove : BusBelow;
        }

        private static string Paint(in Cell cell) => cell switch
        {
            { Bad: true } => "31",
            { Letter: '\0' } => "2",
            { Role: TextRole.Name or TextRole.Headline } => "1",
            { Role: TextRole.Address } => "36",
            { Role: TextRole.Target } => "32",
            { Role: TextRole.Note or TextRole.Port } => "2",
            _ => "",
        };

        /// <summary>One character for one, so that columns stay.</summary>
        private static char ToAscii(char c) => c switch
        {
            '─' => '-',
            '│' or '║' => '|',
            '═' => '=',
            '→' => '>',
            '✗' => 'x',
            '…' => '~',
            '·' => ',',
            > '\u007f' => '+',
            _ => c,
        };
    }
}
