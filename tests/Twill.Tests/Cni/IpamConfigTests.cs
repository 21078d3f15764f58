using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

public sealed class IpamConfigTests
{
    private static NetworkConfig Read(string keys) => CniAssert.With($"\"ipam\": {{{keys}}}");

    [Theory]
    [InlineData("10.1.2.0/24", "10.1.2.1", "10.1.2.254")]
    [InlineData("10.1.2.4/30", "10.1.2.5", "10.1.2.6")]
    [InlineData("0.0.0.0/0", "0.0.0.1", "255.255.255.254")]
    [InlineData("fd00::/64", "fd00::1", "fd00::ffff:ffff:ffff:ffff")]
    [InlineData("::/0", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fd00::4/126", "fd00::5", "fd00::7")]
    public void Range_Defaults_AreThoseOfHostLocal(string subnet, string first, string last)
    {
        var range = Read($"\"subnet\": \"{subnet}\"").RangeSets[0][0];
        Assert.Equal((first, last, first), (range.First.ToString(), range.Last.ToString(), range.GatewayOrDefault.ToString()));
    }

    [Fact]
    public void Read_OldFormAndRanges_OldFormComesFirst()
    {
        var config = Read("\"type\": \"host-local\", \"rangeStart\": \"10.1.0.10\", \"rangeEnd\": \"10.1.0.20\", \"gateway\": \"10.1.0.254\", \"subnet\": \"10.1.0.0/24\", \"ranges\": [[{\"subnet\": \"fd00::/64\", \"exclude\": [\"fd00::1\", \"fd00::100/120\"]}]], \"exclude\": [\"10.1.0.15\", \"10.1.0.16/30\"], \"dataDir\": \"/d\", \"resolvConf\": \"/etc/resolv.conf\"");
        Assert.Equal(2, config.RangeSets.Count);
        var old = config.RangeSets[0][0];
        Assert.Equal(("10.1.0.10", "10.1.0.20", "10.1.0.254"), (old.First.ToString(), old.Last.ToString(), old.GatewayOrDefault.ToString()));
        Assert.Equal(["fd00::1/128", "fd00::100/120"], config.RangeSets[1][0].Exclude.Select(e => e.ToString()));
        Assert.Equal(["10.1.0.15/32", "10.1.0.16/30"], config.Ipam.Exclude.Select(e => e.ToString()));
        Assert.Equal(("/d", "/etc/resolv.conf"), (config.Ipam.DataDir, config.Ipam.ResolvConf));
    }

    [Fact]
    public void Read_Routes_WithEveryField()
    {
        var routes = Read("\"routes\": [{\"dst\": \"0.0.0.0/0\"}, {\"dst\": \"fd01::/64\", \"gw\": \"fd00::1\", \"mtu\": 1400, \"advmss\": 1360, \"priority\": 4294967295, \"table\": 100, \"scope\": 253}]").Ipam.Routes;
        Assert.True(IpCidr.TryParse("fd01::/64", out var dst) && IpCidr.TryParseAddress("fd00::1", out var gw) && routes[1] == new CniRoute(dst, gw, 1400, 1360, uint.MaxValue, 100, 253));
        Assert.Null(routes[0].Gw);
    }

    [Theory]
    [InlineData("\"subnet\": \"10.1.2.3/24\"", "ipam.subnet \"10.1.2.3/24\"", "10.1.2.0/24")]
    [InlineData("\"subnet\": \"10.1.2.0/31\"", "10.1.2.0/31", "too small")]
    [InlineData("\"subnet\": \"fd00::/127\"", "fd00::/127", "too small")]
    [InlineData("\"subnet\": \"10.1.2.0\"", "ipam.subnet \"10.1.2.0\"", "prefix")]
    [InlineData("\"rangeStart\": \"10.1.2.3\"", "ipam", "subnet is missing")]
    [InlineData("\"ranges\": [[{\"rangeStart\": \"10.1.2.3\"}]]", "ipam.ranges[0][0]", "subnet is missing")]
    [InlineData("\"ranges\": [[]]", "ipam.ranges[0]", "empty")]
    [InlineData("\"ranges\": [{\"subnet\": \"10.1.2.0/24\"}]", "ipam.ranges[0] {...}", "list")]
    [InlineData("\"ranges\": [[{\"subnet\": \"10.1.2.0/24\", \"rangeStart\": \"10.1.3.1\"}]]", "ipam.ranges[0][0]", "rangeStart 10.1.3.1")]
    [InlineData("\"ranges\": [[{\"subnet\": \"10.1.2.0/24\", \"rangeStart\": \"fd00::1\"}]]", "ipam.ranges[0][0]", "rangeStart fd00::1")]
    [InlineData("\"ranges\": [[{\"subnet\": \"10.1.2.0/24\", \"rangeEnd\": \"10.1.3.1\"}]]", "ipam.ranges[0][0]", "rangeEnd 10.1.3.1")]
    [InlineData("\"ranges\": [[{\"subnet\": \"10.1.2.0/24\", \"gateway\": \"10.1.3.1\"}]]", "ipam.ranges[0][0]", "gateway 10.1.3.1")]
    [InlineData("\"ranges\": [[{\"subnet\": \"10.1.2.0/24\", \"rangeStart\": \"10.1.2.9\", \"rangeEnd\": \"10.1.2.8\"}]]", "10.1.2.9", "10.1.2.8")]
    [InlineData("\"ranges\": [[{\"subnet\": \"10.1.2.0/24\"}, {\"subnet\": \"fd00::/64\"}]]", "families", "fd00::/64")]
    [InlineData("\"ranges\": [[{\"subnet\": \"10.1.2.0/24\"}], [{\"subnet\": \"10.1.0.0/16\"}]]", "overlap", "10.1.0.0/16")]
    [InlineData("\"ranges\": [[{\"subnet\": \"10.1.2.0/24\", \"rangeEnd\": \"10.1.2.9\"}, {\"subnet\": \"10.1.2.0/24\", \"rangeStart\": \"10.1.2.9\"}]]", "overlap", "10.1.2.9")]
    [InlineData("\"exclude\": [\"10.1.2.3/24\"]", "ipam.exclude[0] \"10.1.2.3/24\"", "host bits")]
    [InlineData("\"routes\": [{}]", "ipam.routes[0]", "dst is missing")]
    [InlineData("\"routes\": [{\"dst\": \"10.1.2.3/24\"}]", "ipam.routes[0]", "10.1.2.0/24")]
    [InlineData("\"routes\": [{\"dst\": \"10.1.2.0/24\", \"gw\": \"fd00::1\"}]", "ipam.routes[0]", "fd00::1")]
    [InlineData("\"routes\": [{\"dst\": \"10.1.2.0/24\", \"scope\": 256}]", "ipam.routes[0].scope 256", "255")]
    [InlineData("\"type\": 7", "ipam.type 7", "string")]
    public void Read_Bad_IsCode7WithTheField(string keys, string words, string more) => CniAssert.Fails(7, () => Read(keys), words, more);

    [Fact]
    public void Read_RangesSideBySide_DoNotOverlap() =>
        Assert.Equal(2, Read("\"ranges\": [[{\"subnet\": \"10.1.2.0/24\", \"rangeEnd\": \"10.1.2.9\"}, {\"subnet\": \"10.1.2.0/24\", \"rangeStart\": \"10.1.2.10\"}]]").RangeSets[0].Count);

    [Theory]
    [InlineData("static", "\"addresses\": [{\"address\": \"x\"}]")]
    [InlineData("whereabouts", "\"range\": \"10.0.0.0/8\", \"exclude\": [\"odd\"], \"ranges\": 7, \"subnet\": 7")]
    public void Read_AnotherPluginsSection_OnlyTheTypeIsRead(string type, string keys)
    {
        var ipam = Read($"{keys}, \"type\": \"{type}\"").Ipam;
        Assert.Equal((type, false), (ipam.Type, ipam.IsOurs));
        Assert.Empty(ipam.Ranges);
    }

    [Theory]
    [Trait("cni", "R06")]
    [InlineData("0.2.0", false)]
    [InlineData("0.3.0", true)]
    public void Read_TwoSetsOfOneFamily_NeedAFormThatCarriesThem(string version, bool good)
    {
        var text = CniAssert.Text("\"ipam\": {\"ranges\": [[{\"subnet\": \"10.1.0.0/24\"}], [{\"subnet\": \"10.2.0.0/24\"}]]}", version);
        if (good)
            Assert.Equal(2, CniAssert.Config(text).RangeSets.Count);
        else
            CniAssert.Fails(7, () => CniAssert.Config(text), "0.2.0");
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Read_ManyRanges_HaveABound(int count, bool good)
    {
        var sets = string.Join(',', Enumerable.Range(0, count).Select(i => $$"""[{"subnet": "10.{{i / 256}}.{{i % 256}}.0/24"}]"""));
        if (good)
            Assert.Equal(count, Read($"\"ranges\": [{sets}]").RangeSets.Count);
        else
            CniAssert.Fails(7, () => Read($"\"ranges\": [{sets}]"), "256");
    }

    [Fact]
    public void Read_FourMegabytesOfRanges_Ends()
    {
        var sets = string.Join(',', Enumerable.Repeat("[{\"subnet\": \"10.0.0.0/24\"}]", 150_000));
        CniAssert.Fails(7, () => Read($"\"ranges\": [{sets}]"), "overlap"); // each against each would be 10^10 comparisons: nobody would see the end
    }
}
