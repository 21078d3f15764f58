using System.Text;
using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

public sealed class CniVersionInfoTests
{
    private const string All = "[\"0.1.0\", \"0.2.0\", \"0.3.0\", \"0.3.1\", \"0.4.0\", \"1.0.0\", \"1.1.0\"]";

    [Theory]
    [Trait("cni", "V01")]
    [Trait("cni", "V02")]
    [Trait("cni", "V03")]
    [InlineData("""{"cniVersion": "0.4.0"}""", "0.4.0")]
    [InlineData("""{"cniVersion": "1.1.0"}""", "1.1.0")]
    [InlineData("""{"cniVersion": "2.0.0"}""", "2.0.0")]
    [InlineData("{}", "1.1.0")]
    [InlineData("", "1.1.0")]
    [InlineData("not json", "1.1.0")]
    [InlineData("""{"cniVersion": ["1.0.0"]}""", "1.1.0")]
    public void Write_AnyStdin_EchoesItsVersionAndListsAll(string stdin, string version) =>
        CniAssert.Json($$"""{"cniVersion": "{{version}}", "supportedVersions": {{All}}}""", CniVersionInfo.Write(Encoding.UTF8.GetBytes(stdin)));

    [Fact]
    public void Parse_OurOwnAnswer_IsReadBack()
    {
        var info = CniVersionInfo.Parse(CniVersionInfo.Write("{}"u8));
        Assert.Equal("1.1.0", info.CniVersion);
        Assert.Equal(SpecVersion.Supported.Select(v => v.Text), info.SupportedVersions);
    }

    [Fact]
    public void Parse_AnswerOf020_SpeaksTwoVersions() => Assert.Equal(["0.1.0", "0.2.0"], CniVersionInfo.Parse("""{"cniVersion": "0.2.0"}"""u8).SupportedVersions);

    [Theory]
    [InlineData("", 6)]
    [InlineData("{}", 7)]
    [InlineData("""{"cniVersion": "1.0.0"}""", 7)]
    [InlineData("""{"cniVersion": "1.0.0", "supportedVersions": "1.0.0"}""", 7)]
    public void Parse_NoAnswer_Fails(string text, int code) => CniAssert.Fails(code, () => CniVersionInfo.Parse(Encoding.UTF8.GetBytes(text)));
}
