using System.Net.Sockets;
using Twill.KernelTests.Cni;
using Twill.KernelTests.Harness;
using Twill.Linux.Netns;
using Xunit;

namespace Twill.KernelTests.HostPorts;

/// <summary>The same pods behind the reference plugins bridge and portmap, and behind us: who is reached, and which source is seen.</summary>
public sealed class ReferenceTests
{
    private const string Ours = """{"type":"twill","bridge":"twproof0","isDefaultGateway":true,"capabilities":{"portMappings":true},"ipam":{"ranges":[[{"subnet":"10.88.0.0/24"}],[{"subnet":"fd88::/64"}]]}}""";

    [Fact]
    [Trait("cni", "P01")]
    public void Port_BehindUsAndBehindPortmap_AnswersAlike()
    {
        string leases = Path.Combine(Artifacts.Scratch, $"portmap-{Environment.ProcessId}");
        string theirs = $$$"""
            {"type":"bridge","bridge":"twproof0","isDefaultGateway":true,"hairpinMode":true,"ipam":{"type":"host-local","dataDir":"{{{leases}}}","ranges":[[{"subnet":"10.88.0.0/24"}],[{"subnet":"fd88::/64"}]]}},
            {"type":"portmap","snat":true,"capabilities":{"portMappings":true}}
            """;
        IReadOnlyList<string> reference = Answers(theirs), our = Answers(Ours);

        // portmap masquerades every client of the pod's own subnet; the bridge hands us its packets, so we need not.
        Assert.Contains("neighbour 192.0.2.1:8080: 10.88.0.1", reference);
        Assert.Contains("neighbour 192.0.2.1:8080: 10.88.0.3", our);
        Assert.Equal(reference, our.Select(a => a.Replace("10.88.0.3", "10.88.0.1", StringComparison.Ordinal).Replace(": fd88::3", ": fd88::1", StringComparison.Ordinal)));
        Assert.Contains("outside 192.0.2.1:8080: 192.0.2.9", our);
    }

    private static List<string> Answers(string plugins)
    {
        const string offer = """{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"},{"hostPort":8081,"containerPort":80,"protocol":"tcp","hostIP":"192.0.2.1"},{"hostPort":8082,"containerPort":80,"protocol":"udp"}]}""";
        using var net = new HostPortNet();
        Pod pod = net.Host.NewPod(), other = net.Host.NewPod();
        string list = $$"""{"cniVersion":"1.0.0","name":"proof","plugins":[{{plugins}}]}""";
        AddResult web = new ListRun(net.Host, list, offer).Add(pod).Succeeded().Result;
        new ListRun(net.Host, list).Add(other).Succeeded();
        net.Host.Settle();
        var answers = new List<string>();
        for (int family = 0; family < 2; family++)
        {
            using Socket listener = net.Listen(pod.Network, web.Addresses[family], 80);
            foreach ((string who, NetworkNamespace from) in (IEnumerable<(string, NetworkNamespace)>)[("outside", net.Outside), ("node", net.Host.Network), ("neighbour", other.Network), ("itself", pod.Network)])
            {
                foreach (string address in family == 0 ? (string[])["192.0.2.1", "10.88.0.1", "127.0.0.1"] : ["2001:db8::1", "fd88::1"])
                {
                    if (who is "outside" && address is "10.88.0.1" or "fd88::1" || who is not "node" && address == "127.0.0.1") continue;
                    foreach (int port in family == 0 ? (int[])[8080, 8081, 8082] : [8080]) answers.Add($"{who} {address}:{port}: {net.Reach(from, address, port, listener)}");
                }
            }
        }

        return answers;
    }
}
