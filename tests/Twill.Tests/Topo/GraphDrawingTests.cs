using Twill.Tests.Lab;
using Twill.Topo;
using Twill.Topo.Draw;
using Xunit;

namespace Twill.Tests.Topo;

public sealed class GraphDrawingTests
{
    public static TheoryData<string> Cases => [.. Pictures.All.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_Case_IsAsDrawn(string name)
    {
        Topology topology = Topology.Of(Pictures.All[name].State);
        Golden.Check(Path.Combine(Golden.Directory(), "golden", $"{name}.mmd"), GraphDrawing.Mermaid(topology, Pictures.All[name].Options.Keep));
        Golden.Check(Path.Combine(Golden.Directory(), "golden", $"{name}.dot"), GraphDrawing.Dot(topology, Pictures.All[name].Options.Keep));
    }

    /// <summary>Every end of an edge is a node of the graph: a name that is misspelt would be drawn as a node of its own.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Dot_AnyLab_JoinsWhatItNames(string name)
    {
        string[] lines = GraphDrawing.Dot(Topology.Of(Pictures.All[name].State), new HashSet<string>()).Split('\n', StringSplitOptions.TrimEntries);
        string[] named = [.. lines.Where(l => l.StartsWith('"') && !l.Contains(" -- ", StringComparison.Ordinal)).Select(l => l.Split('"')[1])];
        foreach (string edge in lines.Where(l => l.Contains(" -- ", StringComparison.Ordinal)))
        {
            string[] quoted = edge.Split('"');
            Assert.Contains(quoted[1], named);
            Assert.Contains(quoted[3], named);
        }
    }
}
