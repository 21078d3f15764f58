using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Linux;

public sealed class IpPrefixTests
{
    [Theory]
    [InlineData("::/0", "fd00::1", true)]
    [InlineData("0.0.0.0/0", "10.244.1.2", true)]
    [InlineData("::/0", "10.244.1.2", false)]
    [InlineData("fd00::/64", "fd00:0:0:1::", false)]
    [InlineData("::/1", "8000::", false)]
    [InlineData("10.244.1.2/32", "10.244.1.2", true)]
    [InlineData("10.244.1.2/32", "10.244.1.3", false)]
    public void Contains_AnyLength_LooksAtTheNetworkPartOnly(string prefix, string address, bool contains)
        => Assert.Equal(contains, IpPrefix.Parse(prefix).Contains(IpAddress.Parse(address)));

    [Fact]
    public void Last_OfEverything_IsAllOnes() => Assert.Equal("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IpPrefix.Parse("::/0").Last.ToString());
}
