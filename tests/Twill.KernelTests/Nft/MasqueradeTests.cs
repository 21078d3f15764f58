using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;
using static Twill.Linux.Nft.Nft;

namespace Twill.KernelTests.Nftables;

/// <summary>pod 10.244.1.2 - node - outside 192.0.2.9, and a second pod range 10.244.2.0/24 on the far side too.</summary>
[Collection(KernelCollection.Name)]
public sealed class MasqueradeTests : IClassFixture<LeakCheck>
{
    private static readonly string[] s_environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"];

    [Fact]
    public void Masquerade_LeavingTheCluster_OutsideSeesTheNode_PodsSeeThePod()
    {
        using NetworkNamespace pod = NetworkNamespace.Create(), node = NetworkNamespace.Create(), outside = NetworkNamespace.Create();
        string self = $"/proc/{Environment.ProcessId}/fd";
        Iproute(node, $"link add p type veth peer name eth0 netns {self}/{pod.DescriptorNumber}");
        Iproute(node, $"link add o type veth peer name eth0 netns {self}/{outside.DescriptorNumber}");
        foreach (string line in new[] { "addr add 10.244.1.1/24 dev p", "addr add 192.0.2.1/24 dev o", "link set p up", "link set o up", "route add 10.244.2.0/24 via 192.0.2.9" }) Iproute(node, line);
        foreach (string line in new[] { "addr add 10.244.1.2/24 dev eth0", "link set eth0 up", "route add default via 10.244.1.1" }) Iproute(pod, line);
        foreach (string line in new[] { "addr add 192.0.2.9/24 dev eth0", "addr add 10.244.2.9/32 dev eth0", "link set eth0 up", "route add 10.244.0.0/16 via 192.0.2.1" }) Iproute(outside, line);
        node.Run(() => File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1"));

        var table = new NftTable(NftFamily.Inet, "twill");
        var chain = new NftChain(table, "postrouting") { Hook = NftHook.Nat(NftHookPoint.Postrouting), Policy = NftVerdict.Accept };
        var rule = new NftRule(chain, Ip.Saddr.Is(IpPrefix.Parse("10.244.1.0/24")), Ip.Daddr.IsNot(IpPrefix.Parse("10.244.0.0/16")), Counter, Masquerade(NftNatFlags.FullyRandom)) { Comment = "leaves the cluster" };
        using (var socket = NftSocket.Open(node)) socket.Commit(socket.NewTransaction().AddTable(table).AddChain(chain).AddRule(rule)).ThrowIfFailed();

        // The far side counts what it sees, by source.
        var far = new NftChain(table, "input") { Hook = NftHook.Filter(NftHookPoint.Input) };
        using var eyes = NftSocket.Open(outside);
        eyes.Commit(eyes.NewTransaction().AddTable(table).AddChain(far)
            .AddRule(new NftRule(far, Ip.Saddr.Is(IpAddress.Parse("192.0.2.1")), IcmpType.Is(8), Counter) { Comment = "node" })
            .AddRule(new NftRule(far, Ip.Saddr.Is(IpAddress.Parse("10.244.1.2")), IcmpType.Is(8), Counter) { Comment = "pod" })).ThrowIfFailed();

        Assert.Equal(0, Ping(pod, "192.0.2.9"));
        Assert.Equal((1ul, 0ul), (Packets(eyes, far, "node"), Packets(eyes, far, "pod")));
        Assert.Equal(0, Ping(pod, "10.244.2.9"));
        Assert.Equal((1ul, 1ul), (Packets(eyes, far, "node"), Packets(eyes, far, "pod")));

        using var again = NftSocket.Open(node);
        NftRuleInfo kernel = Assert.Single(again.Rules(chain));
        Assert.True(rule.Matches(kernel));
        Assert.Equal(1ul, kernel.Expressions.OfType<Twill.Linux.Nft.Expressions.NftCounter>().Single().Packets);
    }

    private static ulong Packets(NftSocket socket, NftChain chain, string comment)
        => socket.Rules(chain).Single(r => r.Comment == comment).Expressions.OfType<Twill.Linux.Nft.Expressions.NftCounter>().Single().Packets;

    private static int Ping(NetworkNamespace network, string address) => network.Run(() => ChildProcess.Run("/usr/bin/ping", ["-c", "1", "-W", "5", address], s_environment, [], 10_000)).ExitCode;

    private static void Iproute(NetworkNamespace network, string line)
    {
        ChildProcess.Outcome outcome = network.Run(() => ChildProcess.Run("/sbin/ip", line.Split(' '), s_environment, [], 10_000));
        Assert.True(outcome.ExitCode == 0, $"ip {line}: {outcome.ErrorText}");
    }
}
