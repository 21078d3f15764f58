using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Linux;

public sealed class PrefixTests
{
    [Theory]
    [InlineData("::/0", "2001:4860:4860::8888", true)]
    [InlineData("0.0.0.0/0", "8.8.8.8", true)]
    [InlineData("::/0", "8.8.8.8", false)]
    [InlineData("8000::/1", "ffff::", true)]
    [InlineData("8000::/1", "7fff::", false)]
    [InlineData("fd00::1/128", "fd00::1", true)]
    [InlineData("fd00::1/128", "fd00::2", false)]
    [InlineData("10.244.1.0/24", "10.244.1.255", true)]
    [InlineData("10.244.1.0/24", "10.244.2.0", false)]
    public void Contains_IsWhatTheKernelMeans(string prefix, string address, bool contained) => Assert.Equal(contained, IpPrefix.Parse(prefix).Contains(IpAddress.Parse(address)));
}
