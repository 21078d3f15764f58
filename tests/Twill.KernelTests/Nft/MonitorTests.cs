using System.Diagnostics;
using Twill.Linux.Netlink;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Xunit;
using static Twill.Linux.Nft.Nft;

namespace Twill.KernelTests.Nftables;

[Collection(KernelCollection.Name)]
public sealed class MonitorTests : IClassFixture<LeakCheck>
{
    private static readonly NftTable s_table = NftSandbox.Table;
    private static readonly NftChain s_chain = NftSandbox.Chain;

    [Fact]
    public void Changes_OfOurs_AreTypedAndEndWithTheGeneration()
    {
        using var box = new NftSandbox();
        using var monitor = NftMonitor.OpenChanges(box.Namespace);
        var set = new NftSet(s_table, "s", NftType.Ipv4Addr);
        box.Commit(t => t.AddTable(s_table).AddChain(s_chain).AddSet(set)
            .AddElements(set, NftElement.Of(IpAddress.Parse("10.0.0.1")))
            .AddRule(new NftRule(s_chain, Ip.Saddr.In(set), Drop) { Comment = "deny" }));
        List<NftEvent> events = Until<NftGenerationEvent>(monitor);
        Assert.Equal("twill", Assert.Single(events.OfType<NftTableEvent>()).Table.Name);
        Assert.Equal("c", Assert.Single(events.OfType<NftChainEvent>()).Chain.Name);
        Assert.Equal("s", Assert.Single(events.OfType<NftSetEvent>()).Set.Name);
        Assert.Equal("deny", Assert.Single(events.OfType<NftRuleEvent>()).Rule.Comment);
        NftElementEvent element = Assert.Single(events.OfType<NftElementEvent>());
        Assert.Equal(("twill", "s"), (element.Table, element.Set));
        Assert.Equal("10.0.0.1", Assert.Single(element.Elements).ToText(set));
        NftGenerationEvent generation = Assert.IsType<NftGenerationEvent>(events[^1]);
        Assert.Equal(box.Socket.Generation(), generation.Generation);
        // The kernel gives the id and name of the thread, not of the process.
        Assert.True(Directory.Exists($"/proc/self/task/{generation.ThreadId}"));
        Assert.Equal(File.ReadAllText($"/proc/self/task/{generation.ThreadId}/comm").TrimEnd(), generation.ThreadName);
    }

    [Fact]
    public void Changes_OfNft_NameTheProcess()
    {
        using var box = new NftSandbox();
        box.Commit(t => t.AddTable(s_table).AddChain(s_chain).AddRule(new NftRule(s_chain, Accept)));
        using var monitor = NftMonitor.OpenChanges(box.Namespace);
        box.Nft("flush", "ruleset");
        List<NftEvent> events = Until<NftGenerationEvent>(monitor);
        NftGenerationEvent generation = Assert.IsType<NftGenerationEvent>(events[^1]);
        Assert.Equal("nft", generation.ThreadName);
        Assert.NotEqual((uint)Environment.ProcessId, generation.ThreadId);
        Assert.All(events.SkipLast(1), e => Assert.True(e.Removed));
        Assert.Single(events.OfType<NftTableEvent>());
        Assert.Single(events.OfType<NftChainEvent>());
        Assert.Single(events.OfType<NftRuleEvent>());
    }

    [Fact]
    public void Trace_OfAPacket_NamesRuleVerdictAndAddresses()
    {
        using var box = new NftSandbox();
        box.Run("/sbin/ip", "", "link", "set", "lo", "up");
        NftChain chain = s_chain with { Hook = NftHook.Filter(NftHookPoint.Output) };
        box.Commit(t => t.AddTable(s_table).AddChain(chain)
            .AddRule(new NftRule(chain, Udp.Dport.Is(9999), Meta.Trace))
            .AddRule(new NftRule(chain, Udp.Dport.Is(9999), Meta.Mark.Set(7), Drop) { Comment = "deny" }));
        using var monitor = NftMonitor.OpenTraces(box.Namespace);
        box.Run("/bin/bash", "", "-c", "echo x > /dev/udp/127.0.0.1/9999");
        var steps = new List<NftTrace>();
        long start = Stopwatch.GetTimestamp();
        while (!steps.Exists(s => s.Verdict == NftVerdict.Drop) && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10)) monitor.Wait(1000, steps);

        NftRuleInfo deny = box.Socket.Rules(chain).Single(r => r.Comment == "deny");
        NftTrace drop = steps.Single(s => s.Verdict == NftVerdict.Drop);
        Assert.Equal(NftTraceKind.Rule, drop.Kind);
        Assert.Equal(deny.Handle, drop.RuleHandle);
        Assert.Equal((NftFamily.Inet, "twill", "c"), (drop.Family, drop.Table, drop.Chain));
        NftPacket packet = steps.Select(s => s.Packet).First(p => p is not null)!.Value;
        Assert.Equal("127.0.0.1", packet.Destination.ToString());
        Assert.Equal((UdpProtocol, 9999), (packet.Protocol, packet.DestinationPort));
        Assert.All(steps, s => Assert.Equal(steps[0].Id, s.Id));
    }

    private static List<NftEvent> Until<T>(NftMonitor monitor)
        where T : NftEvent
    {
        var events = new List<NftEvent>();
        long start = Stopwatch.GetTimestamp();
        while (events.Count == 0 || events[^1] is not T)
        {
            Assert.NotEqual(MonitorEvent.Overrun, monitor.Wait(1000, events));
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10), "no notification");
        }

        return events;
    }
}
