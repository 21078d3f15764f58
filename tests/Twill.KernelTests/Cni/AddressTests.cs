using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>host-local's keys and promises, kept by the kernel instead of a directory.</summary>
public sealed class AddressTests
{
    private static Net Ranges(string ranges) => Net.Plain().With("ipam.ranges", JsonNode.Parse(ranges));

    private static IReadOnlyList<string> AddAll(HostNamespace host, Net net)
    {
        var addresses = new List<string>();
        while (net.Add(host, host.NewPod()) is { Ok: true } added) addresses.Add(string.Join('+', added.Result.Addresses));
        return addresses;
    }

    /// <summary>All that a configuration has to give, in order, and then code 11 with the counts.</summary>
    [Theory]
    [Trait("cni", "A11")]
    [InlineData("""[[{"subnet":"10.88.0.0/30"}]]""", "10.88.0.2", "1 of 1")]
    [InlineData("""[[{"subnet":"10.88.0.0/29"}]]""", "10.88.0.2 10.88.0.3 10.88.0.4 10.88.0.5 10.88.0.6", "5 of 5")]
    [InlineData("""[[{"subnet":"10.88.0.0/31"}]]""", null, null)]
    [InlineData("""[[{"subnet":"10.88.0.0/24","rangeStart":"10.88.0.100","rangeEnd":"10.88.0.102"}]]""", "10.88.0.100 10.88.0.101 10.88.0.102", "3 of 3")]
    [InlineData("""[[{"subnet":"10.88.0.0/29","gateway":"10.88.0.3"}]]""", "10.88.0.1 10.88.0.2 10.88.0.4 10.88.0.5 10.88.0.6", "5 of 5")]
    [InlineData("""[[{"subnet":"10.88.0.0/29","exclude":["10.88.0.4/31"]}]]""", "10.88.0.2 10.88.0.3 10.88.0.6", "3 of 3")]
    [InlineData("""[[{"subnet":"10.88.0.0/30"},{"subnet":"10.88.1.0/30"}]]""", "10.88.0.2 10.88.1.2", "2 of 2")]
    [InlineData("""[[{"subnet":"10.88.0.0/30"}],[{"subnet":"10.88.1.0/30"}]]""", "10.88.0.2+10.88.1.2", "1 of 1")]
    [InlineData("""[[{"subnet":"10.88.0.0/29"}],[{"subnet":"fd88::/64","rangeStart":"fd88::9","rangeEnd":"fd88::9"}]]""", "10.88.0.2+fd88::9", "1 of 1")]
    [InlineData("""[[{"subnet":"fd88::/126"}]]""", "fd88::2 fd88::3", "2 of 2")]
    public void Pool_GivesAllItHas_ThenSaysSo(string ranges, string? addresses, string? counts)
    {
        using var host = new HostNamespace();
        Net net = Ranges(ranges);
        if (addresses is null)
        {
            net.Add(host, host.NewPod()).FailedBySpec(7);
            return;
        }

        Assert.Equal(addresses, string.Join(' ', AddAll(host, net).Order(StringComparer.Ordinal)));
        Assert.Contains(counts!, net.Add(host, host.NewPod()).FailedBySpec(11).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("cni", "A01")]
    public void Pool_OfASixteen_CrossesTheOctets()
    {
        using var host = new HostNamespace();
        Net net = Ranges("""[[{"subnet":"10.88.0.0/16","rangeStart":"10.88.0.254","rangeEnd":"10.88.255.254"}]]""");
        Assert.Equal(["10.88.0.254", "10.88.0.255", "10.88.1.0", "10.88.1.1"], Enumerable.Range(0, 4).Select(_ => net.Add(host, host.NewPod()).Succeeded().Result.Addresses[0]));
        Assert.EndsWith("/16", net.Add(host, host.NewPod()).Succeeded().Result.Ips[0].Address, StringComparison.Ordinal);
    }

    /// <summary>A released address rests as long as the range allows; then it comes again.</summary>
    [Fact]
    [Trait("cni", "A09")]
    public void ReleasedAddress_IsNotTheNextOne()
    {
        using var host = new HostNamespace();
        Net net = Net.Plain("10.88.0.0/29");
        var given = new List<string>();
        for (int i = 0; i < 7; i++)
        {
            Pod pod = host.NewPod();
            given.Add(net.Add(host, pod).Succeeded().Result.Addresses[0]);
            net.Del(host, pod).Succeeded();
        }

        Assert.Equal(["10.88.0.2", "10.88.0.3", "10.88.0.4", "10.88.0.5", "10.88.0.6", "10.88.0.2", "10.88.0.3"], given);
    }

    /// <summary>The same wish by each of its four ways.</summary>
    [Theory]
    [Trait("cni", "C13")]
    [Trait("cni", "P03")]
    [InlineData("runtimeConfig", """{"ips":["10.88.0.44"]}""", null)]
    [InlineData("args", """{"cni":{"ips":["10.88.0.44"]}}""", null)]
    [InlineData("args", """{"cni":{"ips":["10.88.0.44/24"]}}""", "IgnoreUnknown=1;IP=10.88.0.55")]
    [InlineData("x", "1", "IgnoreUnknown=1;IP=10.88.0.44")]
    public void StaticAddress_ByEachWay_IsGiven(string key, string value, string? args)
    {
        using var host = new HostNamespace();
        Net net = Net.Plain().With(key, JsonNode.Parse(value));
        Assert.Equal("10.88.0.44", (net.Call("ADD", host.NewPod()) with { Args = args }).In(host).Succeeded().Result.Addresses[0]);
        Assert.Contains("10.88.0.44", (net.Call("ADD", host.NewPod()) with { Args = args }).In(host).FailedBySpec(101).Message, StringComparison.Ordinal);
    }
}
