using System.Text;
using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

public sealed class CniErrorTests
{
    [Fact]
    [Trait("cni", "X01")]
    [Trait("cni", "X05")]
    public void Write_Error_IsTheObjectWithTheRequestsVersion()
    {
        CniAssert.Json("""{"cniVersion": "9.9.9", "code": 100, "msg": "a \"b\"", "details": "d"}""", CniError.Write(new CniException(100, "a \"b\"", "d"), "9.9.9"));
        CniAssert.Json("""{"cniVersion": "1.0.0", "code": 7, "msg": "m"}""", CniError.Write(new CniException(7, "m"), "1.0.0"));
    }

    [Fact]
    [Trait("cni", "X02")]
    public void Codes_AreTheSpecificationsAndOwnOnesFrom100()
    {
        Assert.Equal(
            [1, 2, 3, 4, 5, 6, 7, 8, 11, 50, 51, 999],
            [CniErrorCode.IncompatibleVersion, CniErrorCode.UnsupportedField, CniErrorCode.UnknownContainer, CniErrorCode.InvalidEnvironment, CniErrorCode.IOFailure,
                CniErrorCode.DecodingFailure, CniErrorCode.InvalidConfig, CniErrorCode.InvalidNetNs, CniErrorCode.TryAgainLater, CniErrorCode.NotAvailable,
                CniErrorCode.LimitedConnectivity, CniErrorCode.Internal]);
        int[] own = [CniErrorCode.AlreadyExists, CniErrorCode.CheckFailed, CniErrorCode.KernelRefused, CniErrorCode.DelegateFailed];
        Assert.All(own, code => Assert.InRange(code, 100, 998));
    }

    [Fact]
    [Trait("cni", "L03")]
    public void TryParse_DelegatesError_BecomesOurs()
    {
        Assert.True(CniError.TryParse("""{"cniVersion":"0.4.0","code":11,"msg":"busy","details":"lock","extra":[1]}"""u8, out var error));
        Assert.Equal(new CniError(11, "busy", "lock"), error);
        CniAssert.Fails(11, () => throw error.ToException(), "busy");
        var again = CniError.Write(error.ToException(), "0.4.0");
        Assert.True(CniError.TryParse(again, out var same));
        Assert.Equal(error, same);
    }

    [Theory]
    [Trait("cni", "L03")]
    [InlineData("")]
    [InlineData("panic: runtime error")]
    [InlineData("{}")]
    [InlineData("""{"msg": "no code"}""")]
    [InlineData("""{"code": "7", "msg": "text"}""")]
    [InlineData("""{"code": -1}""")]
    [InlineData("""{"code": 7} {"code": 8}""")]
    [InlineData("[]")]
    public void TryParse_NoErrorObject_IsFalse(string text) => Assert.False(CniError.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [Trait("cni", "X05")]
    [InlineData("""{"cniVersion": "1.2.0", "name": "!"}""", "1.2.0")]
    [InlineData("""{"cniVersion": "0.4.0", "name": """, "0.4.0")]
    [InlineData("""{"cniVersion": 7}""", "1.1.0")]
    [InlineData("""{"cniVersion": ""}""", "1.1.0")]
    [InlineData("", "1.1.0")]
    [InlineData("[", "1.1.0")]
    [InlineData("""{"a": {"cniVersion": "0.1.0"}}""", "1.1.0")]
    public void PeekVersion_Anything_GivesTheRequestsOrOurNewest(string text, string expected) =>
        Assert.Equal(expected, NetworkConfig.PeekVersion(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Quote_HostileText_IsShortAndOnOneLine()
    {
        Assert.Equal("\"a?b\"", CniException.Quote("a\nb"));
        Assert.InRange(CniException.Quote(new string('x', 100_000)).Length, 90, 110);
    }
}
