using Twill.Fabric.LoadBalancers;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.LoadBalancers;

public sealed class LeaseTests
{
    private const string Me = "n1";

    private static AddressLease Seen(LeaseRecord? record, long atMs = 1000)
    {
        var lease = new AddressLease(Me);
        lease.Observe(record, atMs);
        return lease;
    }

    [Fact]
    public void Lease_NotYetRead_IsRead() => Assert.Equal(LeaseMove.Read, new AddressLease(Me).Decide(0, true, 0));

    [Fact]
    public void Lease_OfSomebodyWhoRenews_IsNeverTaken()
    {
        AddressLease lease = Seen(new LeaseRecord("n2", 1));
        for (long now = 1000, version = 1; now < 100_000; now += LeaseTimes.TakeOverMs - 1)
        {
            Assert.Equal(LeaseMove.Read, lease.Decide(now, true, 0));
            lease.Observe(new LeaseRecord("n2", ++version), now);
        }
    }

    [Fact]
    public void Lease_Unchanged_IsTakenAfterTheTime_NotBefore()
    {
        AddressLease lease = Seen(new LeaseRecord("n2", 1));
        lease.Observe(new LeaseRecord("n2", 1), 1500);
        Assert.Equal(LeaseMove.Read, lease.Decide(1000 + LeaseTimes.TakeOverMs - 1, true, 7));
        Assert.Equal(LeaseMove.Take, lease.Decide(1000 + LeaseTimes.TakeOverMs, true, 7));
        Assert.NotEqual(LeaseMove.Take, lease.Decide(1_000_000, false, 0));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Lease_OfNobody_GoesByRank(string? holder)
    {
        AddressLease lease = Seen(holder is null ? null : new LeaseRecord(holder, 4));
        Assert.Equal(LeaseMove.Take, lease.Decide(1000, true, 0));
        Assert.Equal(LeaseMove.Read, lease.Decide(1000, true, 1));
        Assert.Equal(LeaseMove.Take, lease.Decide(1000 + LeaseTimes.RankMs, true, 1));
    }

    [Fact]
    public void Lease_Ours_IsRenewed_OrGivenBack_AndInDoubtRead()
    {
        AddressLease lease = Seen(new LeaseRecord(Me, 1));
        Assert.Equal(LeaseMove.Renew, lease.Decide(1000, true, 9));
        Assert.Equal(LeaseMove.Release, lease.Decide(1000, false, 9));
        lease.Doubt();
        Assert.False(lease.IsOurs);
        Assert.Equal(LeaseMove.Read, lease.Decide(1000, true, 9));
    }

    [Fact]
    public void Lease_FarBehindInTheOrder_LooksRarely()
    {
        AddressLease lease = Seen(new LeaseRecord("n2", 1));
        Assert.Equal(LeaseMove.Read, lease.Decide(1000, false, LeaseTimes.QuickRanks));
        Assert.Equal(LeaseMove.Wait, lease.Decide(1000 + LeaseTimes.SlowLookMs - 1, false, LeaseTimes.QuickRanks));
        Assert.Equal(LeaseMove.Read, lease.Decide(1000 + LeaseTimes.SlowLookMs, false, LeaseTimes.QuickRanks));
    }

    [Fact]
    public void Times_AddUp()
    {
        Assert.True(LeaseTimes.MaxRenewalMs + LeaseTimes.LapseMs <= LeaseTimes.TakeOverMs);
        Assert.True(LeaseTimes.TakeOverMs + LeaseTimes.LookMs < 2000, "the promise is two seconds");
    }

    /// <summary>200 histories of two minutes with a kill every seven seconds; calls are late and answers lost.</summary>
    [Fact]
    public void Nodes_WithLateCallsAndDeaths_NeverHaveAnAddressTwice()
    {
        int takes = 0;
        for (int seed = 0; seed < 200; seed++)
        {
            var run = new LeaseSimulation(seed, nodes: 3);
            run.Run(120_000, killEveryMs: 7_000);
            Assert.True(run.Violation is null, $"seed {seed}: {run.Violation}");
            takes += run.Takes;
        }

        Assert.True(takes > 200 * 10, $"only {takes} take-overs in all");
    }

    /// <summary>The control: who waits less breaks the promise, and the simulation sees it.</summary>
    [Fact]
    public void Nodes_ThatWaitLess_HaveItTwice()
        => Assert.Contains(Enumerable.Range(0, 200), seed =>
        {
            var run = new LeaseSimulation(seed, nodes: 3, shortenedMs: 700);
            run.Run(120_000, killEveryMs: 7_000);
            return run.Violation is not null;
        });

    [Fact]
    public void Ranks_AreAPermutation_AndSpreadOverTheNodes()
    {
        string[] nodes = [.. Enumerable.Range(1, 5).Select(i => $"node{i}")];
        int[] firsts = new int[nodes.Length];
        for (int i = 0; i < 200; i++)
        {
            IpAddress address = new((UInt128)(uint)(0xc0a801c8 + i), false);
            int[] ranks = [.. nodes.Select(n => Candidacy.RankOf(address, n, nodes))];
            Assert.Equal([0, 1, 2, 3, 4], ranks.Order());
            firsts[Array.IndexOf(ranks, 0)]++;
        }

        Assert.All(firsts, f => Assert.InRange(f, 15, 80));
        Assert.True(Candidacy.IsFirstByName("node1", nodes));
        Assert.False(Candidacy.IsFirstByName("node2", nodes));
    }

    /// <summary>As `arping -U -I eth0 192.168.1.200` sends it, and as the kernel's own neighbour advertisement looks, with its checksum.</summary>
    [Fact]
    public void Announcements_AreAsTheStandardsWantThem()
    {
        var mac = new MacAddress(0x0a58c0a8010b);
        Assert.Equal("ffffffffffff0a58c0a8010b08060001080006040001" + "0a58c0a8010bc0a801c8" + "000000000000c0a801c8", Convert.ToHexStringLower(Announcement.FrameOf(IpAddress.Parse("192.168.1.200"), mac)));
        byte[] frame = Announcement.FrameOf(IpAddress.Parse("2001:db8::c8"), mac);
        Assert.Equal("3333000000010a58c0a8010b86dd6000000000203aff" + "20010db80000000000000000000000c8" + "ff020000000000000000000000000001" + "8800", Convert.ToHexStringLower(frame[..56]));
        Assert.Equal("20000000" + "20010db80000000000000000000000c8" + "0201" + "0a58c0a8010b", Convert.ToHexStringLower(frame[58..]));
        Assert.Equal(0xffff, Sum([.. frame[22..54], 0, 32, 0, 58, .. frame[54..]]));

        static int Sum(byte[] bytes)
        {
            int sum = 0;
            for (int i = 0; i < bytes.Length; i += 2) sum += (bytes[i] << 8) | bytes[i + 1];
            while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
            return sum;
        }
    }
}
