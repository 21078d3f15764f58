using System.Net;
using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

public sealed class IpCidrTests
{
    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1::", "1::")]
    [InlineData("FD00:0:0::A", "fd00::a")]
    [InlineData("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [InlineData("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8")]
    [InlineData("64:ff9b::10.1.2.3", "64:ff9b::a01:203")]
    public void TryParseAddress_Plain_IsRead(string text, string same)
    {
        Assert.True(IpCidr.TryParseAddress(text, out var address));
        Assert.Equal(IPAddress.Parse(same), address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("10.1")]
    [InlineData("10.1.2")]
    [InlineData("10.1.2.3.4")]
    [InlineData("010.1.2.3")]
    [InlineData("10.1.2.256")]
    [InlineData("10.1.2.-3")]
    [InlineData("0x0a.1.2.3")]
    [InlineData("10.1.2.3 ")]
    [InlineData(" 10.1.2.3")]
    [InlineData("10.1.2.")]
    [InlineData("10..2.3")]
    [InlineData("\u0661.1.2.3")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("1:::2")]
    [InlineData("1::2::3")]
    [InlineData(":1::2")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("::1:2:3:4:5:6:7:8")]
    [InlineData("12345::")]
    [InlineData("g::")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("::ffff:10.1.2.3")]
    [InlineData("::10.1.2")]
    [InlineData("1:2:3:4:5:6:7:10.1.2.3")]
    public void TryParseAddress_AnythingElse_IsRefused(string text) => Assert.False(IpCidr.TryParseAddress(text, out _));

    [Theory]
    [InlineData("10.1.2.3/24", true)]
    [InlineData("10.1.2.3/0", true)]
    [InlineData("10.1.2.3/32", true)]
    [InlineData("fd00::/128", true)]
    [InlineData("10.1.2.3/33", false)]
    [InlineData("fd00::/129", false)]
    [InlineData("10.1.2.3/024", false)]
    [InlineData("10.1.2.3/+4", false)]
    [InlineData("10.1.2.3/", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("/24", false)]
    [InlineData("10.1.2.0/255.255.255.0", false)]
    [InlineData("10.1.2.0/24/24", false)]
    public void TryParse_Prefix_IsDecimalAndInRange(string text, bool good)
    {
        Assert.Equal(good, IpCidr.TryParse(text, out var cidr));
        if (good)
            Assert.Equal(text, cidr.ToString());
    }

    [Theory]
    [InlineData("10.1.2.3/24", "10.1.2.0/24", "10.1.2.255", "10.1.3.0")]
    [InlineData("10.1.2.3/0", "0.0.0.0/0", "255.0.0.1", "::1")]
    [InlineData("10.1.2.3/32", "10.1.2.3/32", "10.1.2.3", "10.1.2.2")]
    [InlineData("fd00::7/64", "fd00::/64", "fd00::ffff:ffff:ffff:ffff", "fd00:0:0:1::")]
    [InlineData("fd00::7/0", "::/0", "ffff::", "10.0.0.1")]
    [InlineData("fd00::7/128", "fd00::7/128", "fd00::7", "fd00::6")]
    public void Network_ClearsHostBits_AndContains(string text, string network, string inside, string outside)
    {
        Assert.True(IpCidr.TryParse(text, out var cidr));
        Assert.Equal(network, cidr.Network.ToString());
        Assert.Equal(text != network, cidr.HasHostBits);
        Assert.False(cidr.Network.HasHostBits);
        Assert.True(cidr.Contains(IPAddress.Parse(inside)));
        Assert.False(cidr.Contains(IPAddress.Parse(outside)));
    }

    [Fact]
    public void TryParseAddress_EverythingDotNetPrints_IsReadBack()
    {
        var random = new Random(7);
        var bytes = new byte[16];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            for (var hole = random.Next(4); hole > 0; hole--)
                bytes.AsSpan(random.Next(8) * 2, 2).Clear();
            var address = new IPAddress(random.Next(4) == 0 ? bytes.AsSpan(0, 4) : bytes);
            Assert.True(IpCidr.TryParseAddress(address.ToString(), out var again), address.ToString());
            Assert.Equal(address, again);
        }
    }
}
