using Twill.Fabric.Services.Apply;
using Twill.KernelTests.Harness;
using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Xunit;

namespace Twill.KernelTests.Services;

/// <summary>kube-proxy's rules are known by their names, in either of its modes.</summary>
[Collection(KernelCollection.Name)]
public sealed class OtherProxiesTests : IClassFixture<LeakCheck>
{
    [Theory]
    [InlineData("", "")]
    [InlineData("table ip nat { chain PREROUTING { type nat hook prerouting priority -100; } }", "")]
    [InlineData("table ip kube-proxy { chain services { } }\ntable ip6 kube-proxy { chain services { } }", "table ip kube-proxy, table ip6 kube-proxy")]
    [InlineData("table ip nat { chain KUBE-SERVICES { } }", "chain ip nat KUBE-SERVICES")]
    public void Find_RulesOfAProxy_AreNamed(string ruleset, string expected)
    {
        using NetworkNamespace node = NetworkNamespace.Create();
        Command.RunIn(node, Command.Find("nft"), ["-f", "-"], ruleset).Succeeded();
        using NftSocket nft = NftSocket.Open(node);
        Assert.Equal(expected, string.Join(", ", OtherProxies.Find(nft)));
    }
}
