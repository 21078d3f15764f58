using System.Net;
using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

public sealed class CapabilityTests
{
    private static RuntimeConfig Read(string keys, CniVerb verb = CniVerb.Add) => CniAssert.With($"\"runtimeConfig\": {{{keys}}}", verb).RuntimeConfig;

    [Fact]
    [Trait("cni", "P01")]
    public void PortMappings_HostPort0_IsIgnored() => Assert.Empty(Read("\"portMappings\": [{\"hostPort\": 0, \"containerPort\": 80, \"protocol\": \"tcp\"}]").PortMappings);

    [Theory]
    [Trait("cni", "P01")]
    [InlineData("tcp", "tcp")]
    [InlineData("TCP", "tcp")]
    [InlineData("Udp", "udp")]
    [InlineData("SCTP", "sctp")]
    public void PortMappings_Protocol_InAnyLetterCase(string text, string protocol)
        => Assert.Equal(
            new PortMapping(8080, 80, protocol, IPAddress.Parse("10.0.0.1")),
            Assert.Single(Read($"\"portMappings\": [{{\"hostPort\": 8080, \"containerPort\": 80, \"protocol\": \"{text}\", \"hostIP\": \"10.0.0.1\"}}]").PortMappings));

    [Fact]
    [Trait("cni", "P01")]
    public void PortMappings_MoreThanOneTransactionShallHold_IsCode7()
    {
        const string one = "{\"hostPort\": 1, \"containerPort\": 2}";
        string All(int count) => $"\"portMappings\": [{string.Join(',', Enumerable.Repeat(one, count))}]";
        Assert.Equal(4096, Read(All(4096)).PortMappings.Count);
        CniAssert.Fails(7, () => Read(All(4097)), "4097 ports, more than 4096");
    }

    [Theory]
    [Trait("cni", "P01")]
    [InlineData("{\"hostPort\": 80}", "portMappings[0]")]
    [InlineData("{\"hostPort\": 80, \"containerPort\": 0}", "containerPort 0")]
    [InlineData("{\"hostPort\": 65536, \"containerPort\": 80}", "hostPort 65536")]
    [InlineData("{\"hostPort\": -1, \"containerPort\": 80}", "hostPort -1")]
    [InlineData("{\"hostPort\": 80, \"containerPort\": 80, \"protocol\": \"icmp\"}", "protocol \"icmp\"")]
    [InlineData("{\"hostPort\": 80, \"containerPort\": 80, \"hostIP\": \"x\"}", "hostIP \"x\"")]
    public void PortMappings_Malformed_IsCode7(string entry, string words) => CniAssert.Fails(7, () => Read($"\"portMappings\": [{entry}]"), "runtimeConfig.portMappings[0]", words);

    [Fact]
    [Trait("cni", "P02")]
    public void Bandwidth_RatesAndBursts_AreBits()
    {
        var bandwidth = Read("\"bandwidth\": {\"ingressRate\": 1000000, \"ingressBurst\": 8000, \"egressRate\": 18446744073709551615, \"egressBurst\": 34359738359, \"unshapedSubnets\": [\"10.0.0.0/8\"]}").Bandwidth!;
        Assert.Equal((1_000_000ul, 8000ul, ulong.MaxValue, 34_359_738_359ul), (bandwidth.IngressRate, bandwidth.IngressBurst, bandwidth.EgressRate, bandwidth.EgressBurst));
        Assert.Equal("10.0.0.0/8", Assert.Single(bandwidth.UnshapedSubnets).ToString());
        Assert.True(Read("\"bandwidth\": {\"ingressRate\": 0, \"ingressBurst\": 0}").Bandwidth?.IsNone);
        Assert.Null(Read("").Bandwidth);
    }

    [Theory]
    [Trait("cni", "P02")]
    [InlineData("\"ingressRate\": 1000", "ingressRate 1000 needs ingressBurst")]
    [InlineData("\"ingressBurst\": 1000", "ingressBurst 1000 needs ingressRate")]
    [InlineData("\"egressRate\": 1000, \"egressBurst\": 0", "egressRate 1000 needs egressBurst")]
    [InlineData("\"ingressRate\": 1000, \"egressBurst\": 1000", "needs")]
    [InlineData("\"egressRate\": 7, \"egressBurst\": 1000", "egressRate 7")]
    [InlineData("\"egressRate\": 1000, \"egressBurst\": 34359738360", "egressBurst 34359738360")]
    [InlineData("\"egressRate\": -8, \"egressBurst\": 8000", "egressRate -8")]
    [InlineData("\"egressRate\": 18446744073709551616, \"egressBurst\": 8000", "egressRate 18446744073709551616")]
    [InlineData("\"shapedSubnets\": [\"10.0.0.0/8\"], \"unshapedSubnets\": [\"11.0.0.0/8\"]", "exclude each other")]
    public void Bandwidth_HalfOrOutOfBounds_IsCode7(string keys, string words) => CniAssert.Fails(7, () => Read($"\"bandwidth\": {{{keys}}}"), "runtimeConfig.bandwidth", words);

    [Theory]
    [Trait("cni", "P03")]
    [InlineData("10.1.2", "10.1.2")]
    [InlineData("", "")]
    [InlineData("10.1.2.3/33", "10.1.2.3/33")]
    [InlineData("fe80::1%eth0", "fe80::1%eth0")]
    public void Ips_NoAddress_IsRefusedAndNotIgnored(string text, string words) => CniAssert.Fails(7, () => Read($"\"ips\": [\"{text}\"]"), "runtimeConfig.ips[0]", words);

    [Theory]
    [Trait("cni", "P04")]
    [InlineData("01:00:5e:00:00:01")]
    [InlineData("00:00:00:00:00:00")]
    [InlineData("a0:36:9f")]
    public void Mac_NoInterfaceCouldHaveIt_IsCode7(string text) => CniAssert.Fails(7, () => Read($"\"mac\": \"{text}\""), "runtimeConfig.mac", text);

    [Fact]
    [Trait("cni", "P04")]
    public void IpRanges_OuterIsAnd_AndComeBeforeTheIpamSections()
    {
        var config = CniAssert.With("\"runtimeConfig\": {\"ipRanges\": [[{\"subnet\": \"10.1.0.0/24\"}, {\"subnet\": \"10.2.0.0/24\", \"rangeStart\": \"10.2.0.9\"}], [{\"subnet\": \"fd00::/64\"}]]}, \"ipam\": {\"type\": \"host-local\", \"ranges\": [[{\"subnet\": \"10.4.0.0/24\"}]], \"subnet\": \"10.3.0.0/24\"}");
        Assert.Equal(["10.1.0.0/24 10.2.0.0/24 (10.2.0.9-10.2.0.254)", "fd00::/64", "10.3.0.0/24", "10.4.0.0/24"], config.RangeSets.Select(set => string.Join(' ', set)));
    }

    [Fact]
    [Trait("cni", "P05")]
    public void Others_AreKept()
    {
        var config = Read("\"dns\": {\"servers\": [\"10.0.0.2\"], \"searches\": [\"a.b\"], \"options\": [\"ndots:2\"]}, \"aliases\": [\"db\", \"primary\"], \"infinibandGUID\": \"c2:11\", \"deviceID\": \"0000:00:1f.6\", \"cgroupPath\": \"/kubepods\", \"mac\": \"0A-00-00-00-00-01\"");
        Assert.Equal(new CniDns { Nameservers = ["10.0.0.2"], Search = ["a.b"], Options = ["ndots:2"] }, config.Dns);
        Assert.Equal(["db", "primary"], config.Aliases);
        Assert.Equal(("c2:11", "0000:00:1f.6", "/kubepods", "0a:00:00:00:00:01"), (config.InfinibandGuid, config.DeviceId, config.CgroupPath, config.Mac));
    }
}
