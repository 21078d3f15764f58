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
    [InlineData("add table ip nat\nadd chain ip nat PREROUTING { type nat hook prerouting priority -100; }", "")]
    [InlineData("add table ip kube-proxy\nadd chain ip kube-proxy services\nadd table ip6 kube-proxy\nadd chain ip6 kube-proxy services", "table ip kube-proxy, table ip6 kube-proxy")]
    [InlineData("add table ip nat\nadd chain ip nat KUBE-SERVICES", "chain ip nat KUBE-SERVICES")]
    public void Find_RulesOfAProxy_AreNamed(string ruleset, string expected)
    {
        using NetworkNamespace node = NetworkNamespace.Create();
        Command.RunIn(node, Command.Find("nft"), ["-f", "-"], ruleset).Succeeded();
        using NftSocket nft = NftSocket.Open(node);
        Assert.Equal(expected, string.Join(", ", OtherProxies.Find(nft)));
    }
}
