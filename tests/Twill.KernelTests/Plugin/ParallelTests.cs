using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Plugin;

/// <summary>Many plugins at once, let loose by chance (<see cref="InterleavingTests"/> chooses).</summary>
public sealed class ParallelTests
{
    [Fact]
    [Trait("cni", "A12")]
    [Trait("cni", "E13")]
    public void Add_TwoHundredContainersAtOnce_TwoHundredAddressesThatWork()
    {
        using var host = new HostNamespace();
        Net net = Net.Dual();
        Pod[] pods = [.. Enumerable.Range(0, 200).Select(_ => host.NewPod())];
        PluginOutcome[] adds = Workers.AtOnce(pods, pod => net.Add(host, pod));
        Assert.All(adds, a => a.Succeeded());
        Assert.Equal(200, adds.Select(a => a.Result.Addresses[0]).Distinct().Count());
        Assert.Equal(200, adds.Select(a => a.Result.Addresses[1]).Distinct().Count());
        Expect.None(net.Audit(host, [.. adds.Select(net.AttachmentOf)]));
        Workers.ForEach([.. Enumerable.Range(0, 200)], 2, i => Expect.None(adds[i].Result.Problems(pods[i], "eth0")));

        PluginOutcome[] dels = Workers.AtOnce(pods, pod => net.Del(host, pod));
        Assert.All(dels, d => d.Succeeded());
        Expect.None(net.Audit(host));
    }

    [Fact]
    [Trait("cni", "A10")]
    [Trait("cni", "E13")]
    public void Add_SameContainerFiftyTimesAtOnce_OneWinnerAndFortyNineErrors()
    {
        using var host = new HostNamespace();
        Net net = Net.Dual();
        Pod pod = host.NewPod();
        PluginOutcome[] adds = Workers.AtOnce(Enumerable.Range(0, 50).ToArray(), _ => net.Add(host, pod));
        PluginOutcome winner = Assert.Single(adds, a => a.Ok);
        Assert.All(adds.Where(a => !a.Ok), a => a.FailedBySpec(11, 101));
        Expect.None(winner.Result.Problems(pod, "eth0"));
        Expect.None(net.Audit(host, net.AttachmentOf(winner)));
        net.Del(host, pod).Succeeded();
        Expect.None(net.Audit(host));
    }

    [Fact]
    [Trait("cni", "A08")]
    public void Add_TenInterfacesOfOneContainerAtOnce_AllWorkAndGoOneByOne()
    {
        using var host = new HostNamespace();
        Net net = Net.Plain().With("isDefaultGateway", false);
        Pod pod = host.NewPod();
        string[] names = [.. Enumerable.Range(0, 10).Select(i => $"net{i}")];
        PluginOutcome[] adds = Workers.AtOnce(names, name => net.Add(host, pod, name));
        Assert.All(adds, a => a.Succeeded());
        for (int i = 0; i < names.Length; i++)
        {
            Expect.None(net.Audit(host, [.. adds[i..].Select(net.AttachmentOf)]));
            net.Del(host, pod, ifName: names[i]).Succeeded();
        }

        Expect.None(net.Audit(host));
    }

    [Fact]
    [Trait("cni", "E13")]
    [Trait("cni", "D05")]
    public void AddAndDel_OfOneContainerAtOnce_EndAttachedTruthfullyOrWithNothing()
    {
        const int Rounds = 150;
        using var host = new HostNamespace();
        Net net = Net.Dual();
        int attached = 0;
        Workers.ForEach([.. Enumerable.Range(0, Rounds)], 2, round =>
        {
            Pod pod = host.NewPod();
            PluginOutcome[] both = Workers.AtOnce(["ADD", "DEL"], verb => verb == "ADD" ? net.Add(host, pod) : net.Del(host, pod));
            both[1].Succeeded();
            if (both[0].Ok)
            {
                // DEL may have come before or after: what ADD reported is either there and true, or gone altogether.
                if (host.Look().Link($"twill:{pod.ContainerId}:eth0") is null)
                {
                    Assert.Empty(pod.Links());
                }
                else
                {
                    Expect.None(both[0].Result.Problems(pod, "eth0"));
                    Interlocked.Increment(ref attached);
                }
            }
            else
            {
                both[0].FailedBySpec();
                Assert.Empty(pod.Links());
            }

            net.Del(host, pod).Succeeded();
            pod.Dispose();
        });
        Expect.None(net.Audit(host));
        TestContext.Current.TestOutputHelper?.WriteLine($"{attached} of {Rounds} rounds ended attached");
    }

    [Theory]
    [InlineData("10.88.0.0/28", 13)]
    [InlineData("10.88.0.0/24", 253)]
    [Trait("cni", "A11")]
    [Trait("cni", "S03")]
    public void Add_RangeRunsOutUnderRace_ExactlyItsSizeIsServed(string subnet, int size)
    {
        using var host = new HostNamespace();
        Net net = Net.Plain(subnet);
        Pod[] pods = [.. Enumerable.Range(0, size + 12).Select(_ => host.NewPod())];
        var adds = new PluginOutcome[pods.Length];
        Workers.ForEach([.. Enumerable.Range(0, pods.Length)], 16, i => adds[i] = net.Add(host, pods[i]));
        PluginOutcome[] served = [.. adds.Where(a => a.Ok)];
        Assert.Equal(size, served.Length);
        Assert.Equal(size, served.Select(a => a.Result.Addresses[0]).Distinct().Count());
        Assert.All(adds.Where(a => !a.Ok), a =>
        {
            a.FailedBySpec(11);
            Assert.Contains(subnet, a.Message, StringComparison.Ordinal);
            Assert.Contains($"{size} of {size}", a.Message, StringComparison.Ordinal);
        });
        Expect.None(net.Audit(host, [.. served.Select(net.AttachmentOf)]));
        net.Call("STATUS").In(host).FailedBySpec(50, 51);

        // One leaves, one more gets in, and it is the address that came free.
        Pod leaver = pods[Array.FindIndex(adds, a => a.Ok)], late = pods[Array.FindIndex(adds, a => !a.Ok)];
        PluginOutcome left = adds.First(a => a.Ok);
        net.Del(host, leaver, left.Result.Json).Succeeded();
        net.Call("STATUS").In(host).Succeeded();
        PluginOutcome next = net.Add(host, late).Succeeded();
        Assert.Equal(left.Result.Addresses, next.Result.Addresses);
        Expect.None(next.Result.Problems(late, "eth0"));
        net.Add(host, leaver).FailedBySpec(11);
    }

    [Fact]
    [Trait("cni", "A11")]
    public void Add_SecondFamilyRunsOutUnderRace_FirstIsNotHeldByLosers()
    {
        using var host = new HostNamespace();
        Net net = Net.Dual().With("ipam.ranges", System.Text.Json.Nodes.JsonNode.Parse("""[[{"subnet":"10.88.0.0/24"}],[{"subnet":"fd88::/124"}]]"""));
        Pod[] pods = [.. Enumerable.Range(0, 24).Select(_ => host.NewPod())];
        PluginOutcome[] adds = Workers.AtOnce(pods, pod => net.Add(host, pod));
        PluginOutcome[] served = [.. adds.Where(a => a.Ok)];
        Assert.Equal(14, served.Length); // 16 without the network's own and the gateway
        Assert.All(adds.Where(a => !a.Ok), a => Assert.Contains("fd88::/124", a.FailedBySpec(11).Message, StringComparison.Ordinal));
        Expect.None(net.Audit(host, [.. served.Select(net.AttachmentOf)]));
    }

    [Fact]
    [Trait("cni", "G10")]
    [Trait("cni", "G06")]
    public void Gc_WhileManyAreBeingAdded_NobodyLosesAnAddress()
    {
        const int Rounds = 8, PodsOfARound = 12;
        using var host = new HostNamespace();
        Net net = Net.Dual();
        Pod resident = host.NewPod();
        Attachment home = net.AttachmentOf(net.Add(host, resident).Succeeded());
        for (int round = 0; round < Rounds; round++)
        {
            Pod stale = host.NewPod();
            net.Add(host, stale).Succeeded();
            Pod[] pods = [.. Enumerable.Range(0, PodsOfARound).Select(_ => host.NewPod())];

            // The runtime lists those that are being added: they are its own.
            Attachment[] valid = [home, .. pods.Select(p => new Attachment(p.ContainerId, "eth0", null))];
            PluginOutcome[] all = Workers.AtOnce([.. pods, null, null, null], pod => pod is null ? net.Gc(valid).In(host) : net.Add(host, pod));
            Assert.All(all, o => o.Succeeded());
            Expect.None(net.Audit(host, [home, .. all[..PodsOfARound].Select(net.AttachmentOf)]));
            for (int i = 0; i < PodsOfARound; i += 5) Expect.None(all[i].Result.Problems(pods[i], "eth0"));
            net.Gc(home).In(host).Succeeded();
            Expect.None(net.Audit(host, home));
        }
    }

    [Fact]
    [Trait("cni", "E13")]
    public void Churn_AddAndDelFromEightThreads_NothingIsLeftAndAddressesNeverClash()
    {
        const int Threads = 8, RoundsOfAThread = 25;
        using var host = new HostNamespace();
        Net net = Net.Dual();
        var holders = new System.Collections.Concurrent.ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        Workers.ForEach([.. Enumerable.Range(0, Threads)], Threads, _ =>
        {
            for (int round = 0; round < RoundsOfAThread; round++)
            {
                Pod pod = host.NewPod();
                PluginOutcome add = net.Add(host, pod).Succeeded();
                foreach (string address in add.Result.Addresses) Assert.True(holders.TryAdd(address, pod.ContainerId), $"{address} was given to {pod.ContainerId} while {holders.GetValueOrDefault(address)} had it");
                foreach (string address in add.Result.Addresses) holders.TryRemove(address, out string? _);
                net.Del(host, pod, add.Result.Json).Succeeded();
                pod.Dispose();
            }
        });
        Expect.None(net.Audit(host));
    }
}
