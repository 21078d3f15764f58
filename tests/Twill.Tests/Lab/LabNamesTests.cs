using Twill.Lab;
using Xunit;

namespace Twill.Tests.Lab;

public sealed class LabNamesTests
{
    [Fact]
    public void Pod_First5000_AreDifferentAndNobodyElse()
    {
        string[] names = [.. Enumerable.Range(0, 5000).Select(LabNames.Pod)];
        Assert.Equal(5000, names.Distinct(StringComparer.Ordinal).Count());
        Assert.DoesNotContain("router", names);
        Assert.DoesNotContain("internet", names);
        Assert.Equal(["blue", "red", "green", "grey", "pink", "teal"], names[..6]);
        Assert.Equal("blue2", names[40]);
    }

    [Theory]
    [InlineData("node1", "twill-lab node name=node1 index=1")]
    [InlineData("blue", "twill-lab pod name=blue node=node1")]
    [InlineData("red", "twill-lab pod name=red node=node1 containers=web,probe")]
    [InlineData("router", "twill-lab router mode=direct families=4")]
    [InlineData("router", "twill-lab router mode=router families=4,6 empty=yes")]
    [InlineData("router", "twill-lab router mode=direct families=6")]
    [InlineData("internet", "twill-lab internet")]
    public void Mark_RoundTrip_IsTheSame(string name, string alias) => Assert.Equal(alias, LabMark.Parse(name, alias)?.Text);

    [Theory]
    [InlineData("")]
    [InlineData("twill-lab")]
    [InlineData("twill-lab node name=x")]
    [InlineData("twill-lab node index=one")]
    [InlineData("twill-lab castle")]
    [InlineData("twill-labrador router")]
    [InlineData("my twill-lab router")]
    public void Mark_Foreign_IsNone(string alias) => Assert.Null(LabMark.Parse("x", alias));

    [Fact]
    public void Blueprint_NewLab_NamesInOrder()
    {
        LabBlueprint plan = LabBlueprint.For(new LabSize(3, 2), []);
        Assert.Equal([1, 2, 3], plan.Nodes);
        Assert.Equal(["blue@node1", "red@node1", "green@node2", "grey@node2", "pink@node3", "teal@node3"], plan.Pods.Select(p => $"{p.Name}@{p.Node}"));
    }

    [Fact]
    public void Blueprint_HalfALab_IsCompletedUnderTheSameNames()
    {
        LabBlueprint whole = LabBlueprint.For(new LabSize(3, 4), []);
        LabMark[] half = [new LabMark(LabKind.Node, "node2", 2), .. whole.Pods.Where((_, i) => i % 3 == 1)];
        LabBlueprint again = LabBlueprint.For(new LabSize(3, 4), half);
        Assert.Equal(whole.Nodes, again.Nodes);
        Assert.Equal(whole.Pods.OrderBy(p => p.Name), again.Pods.OrderBy(p => p.Name));
    }

    [Fact]
    public void Blueprint_Larger_KeepsEveryPodInItsPlace()
    {
        LabMark[] present = [.. LabBlueprint.For(new LabSize(3, 2), []).Pods];
        LabBlueprint larger = LabBlueprint.For(new LabSize(4, 5), present);
        Assert.All(present, p => Assert.Contains(p, larger.Pods));
        Assert.Equal(20, larger.Pods.Select(p => p.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Enumerable.Range(1, 4), i => Assert.Equal(5, larger.PodsOf($"node{i}").Count()));
    }

    [Fact]
    public void Blueprint_Smaller_TakesNothingAway()
    {
        LabBlueprint whole = LabBlueprint.For(new LabSize(3, 4), []);
        LabMark[] present = [.. whole.Nodes.Select(i => new LabMark(LabKind.Node, $"node{i}", i)), .. whole.Pods];
        LabBlueprint smaller = LabBlueprint.For(new LabSize(1, 1), present);
        Assert.Equal((3, 12), (smaller.Nodes.Count, smaller.Pods.Count));
    }
}
