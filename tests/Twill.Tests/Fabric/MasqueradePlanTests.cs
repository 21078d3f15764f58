using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Fabric;

public sealed class MasqueradePlanTests
{
    /// <summary>An ADD compares comments without making the rules; the digest in them must still be of the rule that would be made.</summary>
    [Theory]
    [InlineData("10.88.0.5/16")]
    [InlineData("10.88.0.5/16", "10.0.0.0/8", "fd00::/8", "192.0.2.1/32")]
    [InlineData("192.0.2.7/32")]
    [InlineData("fd00:88::5/64", "10.0.0.0/8", "fd00::/8")]
    public void Comment_OfANetwork_IsTheRulesOwn(string address, params string[] except)
    {
        var network = new NetworkSettings { Name = "net", Bridge = new BridgeSettings(), MasqueradeExcept = [.. except.Select(IpPrefix.Parse)] };
        PodAddress[] addresses = [new PodAddress(IpPrefix.Parse(address), null)];
        var rule = Assert.Single(MasqueradePlan.RulesFor(network, addresses));
        Assert.Equal((rule with { Comment = null }).ToString(), MasqueradePlan.TextOf(network, addresses[0].Address.Network));
        Assert.Equal(rule.Comment, Assert.Single(MasqueradePlan.CommentsFor(network, addresses)));
        Assert.StartsWith($"twill net {addresses[0].Address.Network} ", rule.Comment, StringComparison.Ordinal);
    }

    [Fact]
    public void Comments_TwoAddressesOfOneSubnet_AreOne()
    {
        var network = new NetworkSettings { Name = "net", Bridge = new BridgeSettings() };
        PodAddress[] addresses = [new PodAddress(IpPrefix.Parse("10.1.0.2/24"), null), new PodAddress(IpPrefix.Parse("10.1.0.3/24"), null), new PodAddress(IpPrefix.Parse("fd00::3/64"), null)];
        Assert.Equal(2, MasqueradePlan.CommentsFor(network, addresses).Count);
        Assert.Equal(MasqueradePlan.RulesFor(network, addresses).Select(r => r.Comment), MasqueradePlan.CommentsFor(network, addresses));
    }
}
