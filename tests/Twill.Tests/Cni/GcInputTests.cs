using System.Text;
using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

public sealed class GcInputTests
{
    private static IReadOnlyList<CniAttachment>? Valid(string keys) => CniAssert.With(keys, CniVerb.Gc).ValidAttachments;

    [Theory]
    [Trait("cni", "G01")]
    [InlineData("\"cni.dev/valid-attachments\": [{\"containerID\": \"a\", \"ifname\": \"eth0\"}]")]
    [InlineData("\"cni.dev/attachments\": [{\"containerID\": \"a\", \"ifname\": \"eth0\"}]")]
    [InlineData("\"cni.dev/valid-attachments\": [{\"containerID\": \"a\", \"ifname\": \"eth0\"}], \"cni.dev/attachments\": [{\"containerID\": \"a\", \"ifname\": \"eth0\"}]")]
    public void Read_EitherKeyOrBoth_GivesTheAttachment(string keys) => Assert.Equal([new CniAttachment("a", "eth0")], Valid(keys));

    [Fact]
    [Trait("cni", "G01")]
    public void Read_BothKeysDiffer_TheUnionIsValid()
    {
        var valid = Valid("\"cni.dev/valid-attachments\": [], \"cni.dev/attachments\": [{\"containerID\": \"b\", \"ifname\": \"eth1\"}]");
        Assert.Equal([new CniAttachment("b", "eth1")], valid);
        valid = Valid("\"cni.dev/attachments\": [{\"containerID\": \"b\", \"ifname\": \"eth1\"}], \"cni.dev/valid-attachments\": [{\"containerID\": \"a\", \"ifname\": \"eth0\"}]");
        Assert.Equal([new CniAttachment("a", "eth0"), new CniAttachment("b", "eth1")], valid);
    }

    [Fact]
    [Trait("cni", "G07")]
    public void Read_AbsentOrNull_IsNotEmpty()
    {
        Assert.Null(Valid(""));
        Assert.Null(Valid("\"cni.dev/valid-attachments\": null"));
        Assert.Empty(Valid("\"cni.dev/valid-attachments\": []")!);
    }

    [Theory]
    [Trait("cni", "G07")]
    [InlineData("{}")]
    [InlineData("\"\"")]
    [InlineData("[7]")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("[{\"containerID\": \"\"}]")]
    [InlineData("[{\"containerID\": 7}]")]
    [InlineData("[{\"containerID\": \"a\", \"ifname\": 7}]")]
    public void Read_Malformed_IsAnErrorAndNeverNothingValid(string value)
    {
        CniAssert.Fails(7, () => Valid($"\"cni.dev/valid-attachments\": {value}"), "cni.dev/valid-attachments");
        CniAssert.Fails(7, () => Valid($"\"cni.dev/attachments\": {value}"), "cni.dev/attachments");
    }

    [Fact]
    [Trait("cni", "G09")]
    public void Read_WithoutIfName_StandsForEveryInterface() => Assert.Equal([new CniAttachment("a", "")], Valid("\"cni.dev/valid-attachments\": [{\"containerID\": \"a\"}]"));

    [Fact]
    [Trait("cni", "G14")]
    public void Read_AHundredThousandAttachmentsTwice_Ends()
    {
        const int Count = 100_000;
        var list = new StringBuilder();
        for (var i = 0; i < Count; i++)
            list.Append(i == 0 ? "" : ",").Append($$"""{"containerID": "{{i:x64}}", "ifname": "eth0"}""");
        var text = CniAssert.Text($"\"cni.dev/valid-attachments\": [{list}], \"cni.dev/attachments\": [{list}]");
        Assert.Equal(Count, CniAssert.Config(text, CniVerb.Gc).ValidAttachments?.Count); // a quadratic union would take minutes
    }
}
