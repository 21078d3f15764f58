using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Twill.Lab.State;
using Twill.Tests.Lab;
using Twill.Topo;
using Twill.Topo.Page;
using Twill.Topo.Scene;
using Xunit;

namespace Twill.Tests.Topo;

public sealed class HtmlPageTests
{
    private const int MostBytes = 150_000;

    public static TheoryData<string> Cases => [.. Pictures.All.Keys];

    [Theory]
    [InlineData("direct")]
    [InlineData("broken")]
    public void Draw_Case_IsAsDrawn(string name) => Golden.Check(Path.Combine(Golden.Directory(), "golden", $"{name}.html"), Draw(Pictures.All[name].State));

    [Fact]
    public void Draw_LabOfTheLecture_IsSmall() => Assert.InRange(Encoding.UTF8.GetByteCount(Draw(Pictures.All["direct"].State)), 1, MostBytes);

    /// <summary>What is not the lab's own: template, style and script.</summary>
    [Fact]
    public void Draw_Nothing_IsMuchSmaller() => Assert.InRange(Encoding.UTF8.GetByteCount(Draw(Pictures.All["nothing"].State)), 1, 25_000);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_AnyLab_AsksNobodyAndEndsNoScript(string name)
    {
        string page = Draw(Pictures.All[name].State);
        Assert.DoesNotMatch("""(src|href)=|url\(|@import|fetch\(|XMLHttp|<link""", page);
        Assert.Equal(3, Regex.Count(page, "</script>"));
        Assert.DoesNotMatch("@(title|headline|state|bad|style|svg|things|snapshot|script)@", page);
    }

    [Fact]
    public void Draw_NamesThatAreMarkup_StayNames()
    {
        LabState state = DrawnLab.Make(1, 1, podName: _ => "</script><b>@svg@");
        string page = Draw(state);
        Assert.Equal(3, Regex.Count(page, "</script>"));
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(page, "<svg "));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_Snapshot_IsTheState(string name)
    {
        LabState state = Pictures.All[name].State;
        string json = Regex.Match(Draw(state), """id="snapshot">(.*?)</script>""", RegexOptions.Singleline).Groups[1].Value;
        Assert.Equal(LabStateJson.Write(state), LabStateJson.Write(LabStateJson.Read(Encoding.UTF8.GetBytes(json), "page")));
    }

    /// <summary>Whatever can be clicked has something to say.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_EveryShape_HasItsFacts(string name)
    {
        string page = Draw(Pictures.All[name].State);
        using var things = JsonDocument.Parse(Regex.Match(page, """id="things">(.*?)</script>""", RegexOptions.Singleline).Groups[1].Value);
        string[] keys = [.. things.RootElement.EnumerateArray().Select(t => t.GetProperty("key").GetString()!)];
        Assert.Equal(keys.Distinct(), keys);
        string[] missing = [.. Regex.Matches(page, "data-key=\"([^\"]*)\"").Select(m => m.Groups[1].Value).Distinct().Except(keys)];
        Assert.Empty(missing);
    }

    private static string Draw(LabState state)
    {
        Topology topology = Topology.Of(state);
        return HtmlPage.Draw(state, topology, LayoutOptions.Page(topology, null));
    }
}
