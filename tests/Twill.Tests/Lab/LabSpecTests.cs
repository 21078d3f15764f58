using Twill.Lab;
using Twill.Lab.Model;
using Xunit;

namespace Twill.Tests.Lab;

public sealed class LabSpecTests
{
    private static readonly LabSpec s_nothing = new();

    [Fact]
    public void Grown_NewLab_NamesAndNumbersInOrder()
    {
        LabSpec spec = s_nothing.Grown(3, 2);
        Assert.Equal([1, 2, 3], spec.Nodes.Select(n => n.Index));
        Assert.Equal(["blue@node1:2", "red@node1:3", "green@node2:2", "grey@node2:3", "pink@node3:2", "teal@node3:3"], spec.Pods.Select(p => $"{p.Name}@{p.Node}:{p.Number}"));
    }

    [Fact]
    public void Grown_HalfALab_IsCompletedUnderTheSameNamesAndAddresses()
    {
        LabSpec whole = s_nothing.Grown(3, 4), half = s_nothing with { Nodes = [new LabNodeSpec(2)], Pods = [.. whole.Pods.Where((_, i) => i % 3 == 1)] };
        LabSpec again = half.Grown(3, 4);
        Assert.Equal(whole.Nodes, again.Nodes);
        Assert.Equal(whole.Pods, again.Pods);
    }

    [Fact]
    public void Grown_Larger_KeepsEveryPodInItsPlace()
    {
        LabSpec small = s_nothing.Grown(3, 2), larger = small.Grown(4, 5);
        Assert.All(small.Pods, p => Assert.Contains(p, larger.Pods));
        Assert.Equal(20, larger.Pods.Select(p => p.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(larger.Nodes, n => Assert.Equal([2, 3, 4, 5, 6], larger.PodsOf(n.Name).Select(p => p.Number)));
    }

    [Fact]
    public void Grown_Smaller_TakesNothingAway()
    {
        LabSpec whole = s_nothing.Grown(3, 4), smaller = whole.Grown(1, 1);
        Assert.Equal(whole.Pods, smaller.Pods);
        Assert.Equal(whole.Nodes, smaller.Nodes);
    }

    [Fact]
    public void Up_WithoutSizes_GoesOnWhereItWasInterrupted_AndLeavesAloneWhatWasTakenAway()
    {
        LabSpec whole = new UpRequest().Towards(s_nothing), barely = whole with { Nodes = [], Pods = [] };
        Assert.Equal((3, 6), (whole.Nodes.Count, whole.Pods.Count));
        Assert.Equal(whole.Pods, new UpRequest().Towards(barely).Pods);
        Assert.Equal(4, new UpRequest().Towards(s_nothing.Grown(4, 0)).Nodes.Count);
        LabSpec less = whole.WithoutNode("node2").WithoutPod("blue");
        Assert.Equal(less.Pods, new UpRequest().Towards(less).Pods);
        Assert.Equal(6, new UpRequest { Pods = 3 }.Towards(less).Pods.Count);
        Assert.Equal(8, new UpRequest { Nodes = 4 }.Towards(whole).Pods.Count);
    }

    [Fact]
    public void WithPod_AfterAnotherWent_TakesTheFreeNumberAndLeavesTheOthers()
    {
        LabSpec spec = s_nothing.Grown(2, 3).WithoutPod("red").WithPod("web", null, ["http", "probe"]);
        LabPodSpec web = spec.Pods.Single(p => p.Name == "web");
        Assert.Equal(("node1", 3), (web.Node, web.Number));
        Assert.Equal(["http", "probe"], web.Containers);
        Assert.Equal(["blue", "web", "green"], spec.PodsOf("node1").Select(p => p.Name));
        Assert.Equal("node2", spec.WithPod("more", "node2", []).Pods.Single(p => p.Name == "more").Node);
    }

    [Fact]
    public void WithNode_TakesTheFirstFreeIndex()
    {
        LabSpec spec = s_nothing.Grown(3, 1).WithoutNode("node2").WithNode(null, 2);
        Assert.Equal([1, 2, 3], spec.Nodes.Select(n => n.Index));
        Assert.Equal(2, spec.PodsOf("node2").Count());
        Assert.Equal([1, 2, 3, 7], spec.WithNode(7, 0).Nodes.Select(n => n.Index));
    }

    [Theory]
    [InlineData("Blue", "lower-case")]
    [InlineData("", "1 to 40")]
    [InlineData("a/b", "lower-case")]
    [InlineData("../x", "lower-case")]
    [InlineData("router", "the lab itself")]
    [InlineData("node12", "the lab itself")]
    [InlineData("9lives", "a letter first")]
    public void WithPod_NameThatCannotBe_IsRefused(string name, string words)
    {
        LabException e = Assert.Throws<LabException>(() => s_nothing.Grown(1, 1).WithPod(name, null, []));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Change_OfWhatIsNotThere_SaysWhatWasMeant()
    {
        LabSpec spec = s_nothing.Grown(2, 2);
        Assert.Contains("did you mean blue?", Assert.Throws<LabException>(() => spec.WithoutPod("blu")).Message, StringComparison.Ordinal);
        Assert.Contains("did you mean node", Assert.Throws<LabException>(() => spec.WithoutNode("node3")).Message, StringComparison.Ordinal);
        Assert.Contains("on node1", Assert.Throws<LabException>(() => spec.WithPod("red", null, [])).Message, StringComparison.Ordinal);
        Assert.Contains("node2 already", Assert.Throws<LabException>(() => spec.WithNode(2, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("last node", Assert.Throws<LabException>(() => s_nothing.Grown(1, 1).WithoutNode("node1")).Message, StringComparison.Ordinal);
        Assert.Contains("do not fit", Assert.Throws<LabException>(() => s_nothing.Grown(1, 250).WithPod("x", null, [])).Message, StringComparison.Ordinal);
    }
}
