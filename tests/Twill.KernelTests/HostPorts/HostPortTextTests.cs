using Twill.Fabric.HostPorts;
using Twill.KernelTests.Harness;
using Twill.Linux.Nft;
using Xunit;

namespace Twill.KernelTests.HostPorts;

/// <summary>An administrator's nft reads what we wrote, and can load again what it printed.</summary>
public sealed class HostPortTextTests
{
    [Fact]
    public void Table_ListedByNft_SaysWhatWePrint_AndLoadsAgain()
    {
        using var net = new HostPortNet();
        net.Add(net.Host.NewPod(), "8080:80", "192.0.2.1:8443:443", "[2001:db8::1]:53:5353/udp").Succeeded();
        string listed = net.Table();

        // nft 1.0.6 leaves "addr . port" out where it knows it from the map.
        foreach (NftRule rule in HostPortTable.Rules) Assert.Contains(rule.ToString().Replace(" addr . port", "", StringComparison.Ordinal), listed, StringComparison.Ordinal);
        foreach (string word in (string[])["tcp . 8080 comment \"", ": 10.88.0.2 . 80", "192.0.2.1 . tcp . 8443 comment \"", "2001:db8::1 . udp . 53 comment \"", ": fd88::2 . 5353", "fd88::2 . fd88::2", $"\"{Net.Bridge}\""])
            Assert.Contains(word, listed, StringComparison.Ordinal);
        net.Host.Nft("flush ruleset");
        net.Host.Nft(listed);
        Assert.Equal(listed, net.Table());
    }
}
