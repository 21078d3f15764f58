using System.Xml.Linq;
using Twill.Tests.Lab;
using Twill.Topo;
using Twill.Topo.Draw;
using Twill.Topo.Scene;
using Xunit;

namespace Twill.Tests.Topo;

public sealed class SvgDrawingTests
{
    public static TheoryData<string> Cases => [.. Pictures.All.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void File_Case_IsAsDrawn(string name) => Golden.Check(Path.Combine(Golden.Directory(), "golden", $"{name}.svg"), Draw(name));

    [Theory]
    [MemberData(nameof(Cases))]
    public void File_AnyLab_IsXmlThatAsksForNothing(string name)
    {
        XElement svg = XDocument.Parse(Draw(name)).Root!;
        XNamespace ns = "http://www.w3.org/2000/svg";
        Assert.Equal(ns + "svg", svg.Name);
        Assert.DoesNotContain(svg.Descendants(), e => e.Name.LocalName is "script" or "image" or "use" or "foreignObject");
        Assert.DoesNotContain("http", Draw(name)[Draw(name).IndexOf("class=", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.NotEmpty(svg.Element(ns + "title")!.Value);
        Assert.NotEmpty(svg.Element(ns + "desc")!.Value);
    }

    /// <summary>The picture of docs/topo.md.</summary>
    [Fact]
    public void File_OfTheManual_IsTheOneInDocs()
    {
        Topology topology = Topology.Of(DrawnLab.Make(3, 2));
        Golden.Check(Path.Combine(Golden.Directory(), "../../../docs/topo.svg"), SvgDrawing.File(TopologyLayout.Draw(topology, LayoutOptions.Page(topology, null)), topology));
    }

    internal static string Draw(string name)
    {
        Topology topology = Topology.Of(Pictures.All[name].State);
        return SvgDrawing.File(TopologyLayout.Draw(topology, LayoutOptions.Page(topology, null) with { Keep = Pictures.All[name].Options.Keep, Wide = Pictures.All[name].Options.Wide }), topology);
    }
}
