using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

public sealed class CniArgsTests
{
    [Fact]
    [Trait("cni", "E08")]
    public void Parse_WhatKubernetesSends_HasThePod()
    {
        const string Text = "K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_INFRA_CONTAINER_ID=abc;K8S_POD_UID=1-2;IgnoreUnknown=1;NEW=x";
        var args = CniArgs.Parse(Text);
        Assert.Equal(("default", "web-0", "abc", "1-2", true, Text), (args.PodNamespace, args.PodName, args.PodInfraContainerId, args.PodUid, args.IgnoreUnknown, args.Raw));
    }

    [Fact]
    [Trait("cni", "E08")]
    public void Parse_Addresses_AreLists()
    {
        var args = CniArgs.Parse("IP=10.1.2.3,fd00::3/64;MAC=0A:58:0a:01:02:03;GATEWAY=10.1.2.1,fd00::1");
        Assert.Equal(["10.1.2.3", "fd00::3/64"], args.Ips.Select(ip => ip.ToString()));
        Assert.Equal("0a:58:0a:01:02:03", args.Mac);
        Assert.Equal(["10.1.2.1", "fd00::1"], args.Gateways.Select(ip => ip.ToString()));
    }

    [Theory]
    [Trait("cni", "E08")]
    [InlineData("A=1", "A=1")]
    [InlineData("IgnoreUnknown=0;A=1", "A=1")]
    [InlineData("ignoreunknown=1", "ignoreunknown=1")]
    [InlineData("IgnoreUnknown=1;A", "\"A\"")]
    [InlineData("IgnoreUnknown=1;A=b=c", "A=b=c")]
    [InlineData("IgnoreUnknown=1;", "\"\"")]
    [InlineData(";", "\"\"")]
    [InlineData("IgnoreUnknown=yes", "IgnoreUnknown=yes")]
    [InlineData("IP=10.1", "IP=10.1")]
    [InlineData("IP=10.1.2.3,", "IP=10.1.2.3,")]
    [InlineData("IP=,10.1.2.3", "IP=,10.1.2.3")]
    [InlineData("MAC=01:00:5e:00:00:01", "MAC=01:00:5e:00:00:01")]
    [InlineData("GATEWAY=10.1.2.0/24", "GATEWAY=10.1.2.0/24")]
    public void Parse_UnknownOrMalformed_IsCode4WithThePair(string text, string pair) => CniAssert.Fails(4, () => CniArgs.Parse(text), "CNI_ARGS", pair);

    [Theory]
    [Trait("cni", "E08")]
    [InlineData("A=1;IgnoreUnknown=true")]
    [InlineData("IgnoreUnknown=TRUE;A=1")]
    [InlineData("A=;IgnoreUnknown=1")]
    public void Parse_UnknownWithIgnoreUnknown_IsFineInAnyOrder(string text) => Assert.True(CniArgs.Parse(text).IgnoreUnknown);

    [Fact]
    public void Parse_EmptyValues_AreAbsent()
    {
        var args = CniArgs.Parse("IP=;MAC=;GATEWAY=;K8S_POD_UID=");
        Assert.Empty(args.Ips);
        Assert.Null(args.Mac);
        Assert.Equal("", args.PodUid);
    }

    [Theory]
    [InlineData("0a:58:0a:f4:01:07", "0a:58:0a:f4:01:07")]
    [InlineData("0A-58-0A-F4-01-07", "0a:58:0a:f4:01:07")]
    [InlineData("0a58.0af4.0107", "0a:58:0a:f4:01:07")]
    [InlineData("0a:58:0a:f4:01", null)]
    [InlineData("0a:58:0a:f4:01:07:08:09", null)]
    [InlineData("0a:58-0a:f4:01:07", null)]
    [InlineData("0a.58.0a.f4.01.07", null)]
    [InlineData("0g:58:0a:f4:01:07", null)]
    [InlineData("00:00:00:00:00:00", null)]
    [InlineData("ff:ff:ff:ff:ff:ff", null)]
    [InlineData("", null)]
    public void MacText_Normalizes_OrRefuses(string text, string? expected)
    {
        Assert.Equal(expected is not null, MacText.TryNormalize(text, out var mac));
        Assert.Equal(expected, mac);
    }
}
