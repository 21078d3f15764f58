using Twill.Lab;
using Twill.Tests.Lab;
using Twill.Topo;
using Twill.Topo.Draw;
using Twill.Topo.Scene;
using Xunit;

namespace Twill.Tests.Topo;

public sealed class TextDrawingTests
{
    public static TheoryData<string> Cases => [.. Pictures.All.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_Case_IsAsDrawn(string name)
    {
        Golden.Check(Path.Combine(Golden.Directory(), "golden", $"{name}.txt"), Draw(name, new Style(false, true)));
        Golden.Check(Path.Combine(Golden.Directory(), "golden", $"{name}.ascii.txt"), Draw(name, new Style(false, false)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_AnyLab_KeepsToItsColumnsAndStraightBoxes(string name)
    {
        int width = Pictures.All[name].Options.Width;
        string[] lines = Draw(name, new Style(false, true)).Split('\n');
        Assert.All(lines, l => Assert.True(l.Length <= width, $"{l.Length} columns: {l}"));
        Assert.DoesNotContain(lines, l => l.StartsWith('│') && !"│║┐".Contains(l[^1], StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_Ascii_HasNothingElse(string name) => Assert.All(Draw(name, new Style(false, false)), c => Assert.True(c < 128));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_WithColours_SaysTheSame(string name)
    {
        string coloured = Draw(name, new Style(true, true));
        Assert.Equal(Draw(name, new Style(false, true)), System.Text.RegularExpressions.Regex.Replace(coloured, "\e\\[[0-9;]*m", ""));
    }

    private static string Draw(string name, Style style) => TextDrawing.Draw(TopologyLayout.Draw(Topology.Of(Pictures.All[name].State), Pictures.All[name].Options), style);
}
