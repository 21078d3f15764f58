using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

public sealed class SpecVersionTests
{
    [Theory]
    [Trait("cni", "C05")]
    [Trait("cni", "V02")]
    [InlineData("0.1.0")]
    [InlineData("0.2.0")]
    [InlineData("0.3.0")]
    [InlineData("0.3.1")]
    [InlineData("0.4.0")]
    [InlineData("1.0.0")]
    [InlineData("1.1.0")]
    public void Parse_SupportedVersion_KeepsItsSpelling(string text)
    {
        Assert.Equal(text, SpecVersion.Parse(text).Text);
        Assert.Contains(SpecVersion.Parse(text), SpecVersion.Supported);
        Assert.Equal(7, SpecVersion.Supported.Count);
    }

    [Theory]
    [Trait("cni", "C05")]
    [InlineData("1.1")]
    [InlineData("1.2.0")]
    [InlineData("v1.1.0")]
    [InlineData("1.1.0 ")]
    [InlineData("1.1.0-rc1")]
    [InlineData("01.1.0")]
    [InlineData("0.3.2")]
    [InlineData("2")]
    public void Parse_AnyOtherSpelling_IsCode1WithBothVersionsInDetails(string text)
    {
        var e = CniAssert.Fails(1, () => SpecVersion.Parse(text), text);
        Assert.Contains($"\"{text}\"", e.Details, StringComparison.Ordinal);
        Assert.Contains("0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0", e.Details, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("cni", "C04")]
    public void Parse_Missing_IsTheOldest()
    {
        Assert.Equal(SpecVersion.V0_1_0, SpecVersion.Parse(null));
        Assert.Equal(SpecVersion.V0_1_0, SpecVersion.Parse(""));
        Assert.Equal(SpecVersion.V0_1_0, default(SpecVersion));
    }

    [Theory]
    [Trait("cni", "C06")]
    [InlineData(CniVerb.Add, 7)]
    [InlineData(CniVerb.Del, 7)]
    [InlineData(CniVerb.Check, 3)]
    [InlineData(CniVerb.Gc, 1)]
    [InlineData(CniVerb.Status, 1)]
    [InlineData(CniVerb.Version, 7)]
    public void Allows_Verb_OnlyInTheNewestSo_Many(CniVerb verb, int newest)
    {
        for (var i = 0; i < 7; i++)
        {
            var version = SpecVersion.Supported[i];
            Assert.Equal(i >= 7 - newest, version.Allows(verb));
            if (!version.Allows(verb))
                CniAssert.Fails(1, () => version.Require(verb), version.Text, verb.ToText());
            else
                version.Require(verb);
        }
    }

    [Fact]
    public void Comparison_FollowsTheList()
    {
        Assert.True(SpecVersion.V0_3_1 > SpecVersion.V0_3_0 && SpecVersion.V0_4_0 < SpecVersion.V1_0_0);
        Assert.Equal(SpecVersion.Supported, SpecVersion.Supported.Order());
        Assert.Equal(SpecVersion.Newest, SpecVersion.Supported[^1]);
    }
}
