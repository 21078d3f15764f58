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
    [InlineData("blue", "twill-lab pod name=blue node=node1 number=2")]
    [InlineData("red", "twill-lab pod name=red node=node1 number=3 containers=web,probe")]
    [InlineData("router", "twill-lab router mode=direct families=4")]
    [InlineData("router", "twill-lab router mode=router families=4,6 empty=yes size=3x2")]
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
}
