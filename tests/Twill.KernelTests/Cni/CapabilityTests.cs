using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>What a runtime may ask for (checklist section 11): each capability is seen in the kernel or refused by name.</summary>
public sealed class CapabilityTests
{
    private static Net With(string runtimeConfig) => Net.Plain().With("runtimeConfig", JsonNode.Parse(runtimeConfig));

    [Theory]
    [Trait("cni", "P01")]
    [InlineData("tcp")]
    [InlineData("UDP")]
    [InlineData("Sctp")]
    public void PortMappings_AreTheKernels_AndHostPortZeroIsNone(string protocol)
    {
        using var host = new HostNamespace();
        With($$"""{"portMappings":[{"hostPort":0,"containerPort":80,"protocol":"{{protocol}}"}]}""").Add(host, host.NewPod()).Succeeded();
        Assert.DoesNotContain("twill-hostport", host.Exec("nft", ["list", "tables"]).Succeeded(), StringComparison.Ordinal);
        With($$"""{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"{{protocol}}","hostIP":"127.0.0.1"}]}""").Add(host, host.NewPod()).Succeeded();
        string at4 = host.Exec("nft", ["list", "map", "inet", "twill-hostport", "at4"]).Succeeded();
        Assert.Contains($"127.0.0.1 . {protocol.ToLowerInvariant()} . 8080 comment", at4, StringComparison.Ordinal);
        Assert.Contains(": 10.88.0.3 . 80", at4, StringComparison.Ordinal);
    }

    /// <summary>Bits in, bytes in the kernel; ingress is towards the pod.</summary>
    [Fact]
    [Trait("cni", "P02")]
    public void Bandwidth_IsTheKernelsTokenBuckets()
    {
        using var one = new OnePod(With("""{"bandwidth":{"ingressRate":8000000,"ingressBurst":1600000,"egressRate":16000000,"egressBurst":2400000}}"""));
        JsonNode to = one.Host.Queues(one.HostEnd).Single(q => (string?)q!["kind"] == "tbf")!["options"]!, from = one.Host.Queues($"ti{one.HostEnd[2..]}").Single(q => (string?)q!["kind"] == "tbf")!["options"]!;
        Assert.Equal((1_000_000, 2_000_000), ((long)to["rate"]!, (long)from["rate"]!));
        Assert.InRange((long)to["burst"]!, 199_000, 201_000);
        Assert.InRange((long)from["burst"]!, 299_000, 301_000);
        Assert.Null(one.Pod.PingProblem("10.88.0.1"));
        one.Check().Succeeded();
        one.Del().Succeeded();
        Assert.Null(one.Host.Look().Link($"ti{one.HostEnd[2..]}"));
    }

    /// <summary>Coarsely: 30 packets of 1,428 bytes through a bucket of 10 kB, filled with 20 kB/s, and the same without.</summary>
    [Theory]
    [Trait("cni", "P02")]
    [InlineData("ingress")]
    [InlineData("egress")]
    public void Bandwidth_ReallyHoldsBack(string direction)
    {
        using var one = new OnePod(With($$$"""{"bandwidth":{"{{{direction}}}Rate":160000,"{{{direction}}}Burst":80000}}"""));
        using var free = new OnePod(Net.Plain());
        foreach (OnePod pod in (OnePod[])[one, free])
        {
            pod.Host.Settle();
            Assert.Null(pod.Pod.PingProblem("10.88.0.1"));
        }

        // The control, as often as it takes: one lost packet on a busy machine costs a second.
        Assert.Contains(Enumerable.Range(0, 20), _ => BytesPerSecond(free) > 60_000);
        Assert.InRange(BytesPerSecond(one), 1, 40_000);

        static double BytesPerSecond(OnePod pod)
        {
            long start = Stopwatch.GetTimestamp();
            string text = Command.RunIn(pod.Pod.Network, Command.Find("ping"), ["-n", "-q", "-f", "-s", "1400", "-c", "30", "-W", "1", "10.88.0.1"]).OutputText;
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            return int.Parse(text[..text.IndexOf(" received", StringComparison.Ordinal)].Split(' ')[^1], CultureInfo.InvariantCulture) * 1428 / seconds;
        }
    }

    [Theory]
    [Trait("cni", "P02")]
    [InlineData("""{"bandwidth":{"ingressRate":8000000}}""")]
    [InlineData("""{"bandwidth":{"egressBurst":8000000}}""")]
    [InlineData("""{"bandwidth":{"ingressRate":-1,"ingressBurst":1}}""")]
    public void Bandwidth_HalfOfAPair_IsCode7(string config)
    {
        using var host = new HostNamespace();
        Assert.Contains("bandwidth", With(config).Add(host, host.NewPod()).FailedBySpec(6, 7).Message, StringComparison.Ordinal);
        Assert.Empty(Net.Plain().Audit(host));
    }

    [Theory]
    [Trait("cni", "P03")]
    [InlineData("10.88.0.33", "10.88.0.33/24")]
    [InlineData("10.88.0.34/24", "10.88.0.34/24")]
    [InlineData("10.88.0.254/16", "10.88.0.254/24")]
    public void Ips_InTheRange_AreGiven(string wish, string given)
    {
        using var one = new OnePod(With($$"""{"ips":["{{wish}}"]}"""));
        Assert.Equal([given], one.Pod.Addresses("eth0"));
        one.MustBeWell();
    }

    [Theory]
    [Trait("cni", "P03")]
    [InlineData("10.89.0.5", 7)]
    [InlineData("10.88.0.1", 7)]
    [InlineData("10.88.0.255", 7)]
    [InlineData("10.88.0.0", 7)]
    [InlineData("fd88::5", 7)]
    [InlineData("10.88.0.9\",\"10.88.0.10", 7)]
    [InlineData("nonsense", 7)]
    public void Ips_ThatCannotBeHonoured_AreRefused(string wish, int code)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        With($$"""{"ips":["{{wish}}"]}""").Add(host, pod).FailedBySpec(code);
        Assert.Empty(pod.Links());
        Assert.Empty(Net.Plain().Audit(host));
    }

    [Fact]
    [Trait("cni", "P04")]
    public void MacAndIpRanges_AreTheKernels()
    {
        using var one = new OnePod(Net.Plain().With("ipam", null).With("runtimeConfig", JsonNode.Parse("""
            {"mac":"C2:11:22:33:44:55","ipRanges":[[{"subnet":"10.88.4.0/24","rangeStart":"10.88.4.20","rangeEnd":"10.88.4.20","gateway":"10.88.4.254"}],[{"subnet":"fd88:4::/64"}]]}
            """)));
        Assert.Equal("c2:11:22:33:44:55", one.Pod.Links()[0].Mac);
        Assert.Equal("10.88.4.20", one.Address);
        Assert.Equal(2, one.Pod.Addresses("eth0").Count);
        Assert.Equal(["10.88.4.254/24", "fd88:4::1/64"], one.Host.Addresses(Net.Bridge));
        Assert.Null(one.Pod.PingProblem("10.88.4.254"));
        one.Check().Succeeded();
    }

    [Theory]
    [Trait("cni", "P04")]
    [InlineData("""{"mac":"nonsense"}""")]
    [InlineData("""{"mac":"01:00:5e:00:00:01"}""")]
    [InlineData("""{"mac":"00:00:00:00:00:00"}""")]
    [InlineData("""{"ipRanges":[[{"subnet":"10.88.0.128/25"}]]}""")]
    [InlineData("""{"ipRanges":[[]]}""")]
    public void MacOrIpRanges_Unusable_AreRefused(string config)
    {
        using var host = new HostNamespace();
        With(config).Add(host, host.NewPod()).FailedBySpec(7);
        Assert.Empty(Net.Plain().Audit(host));
    }

    [Fact]
    [Trait("cni", "P05")]
    public void Dns_ComesOut_AndTheStringsAreTolerated()
    {
        using var one = new OnePod(Net.Plain().With("dns", JsonNode.Parse("""{"nameservers":["192.0.2.1"]}""")).With("runtimeConfig", JsonNode.Parse("""
            {"dns":{"servers":["10.96.0.10"],"searches":["default.svc"],"options":["ndots:5"]},"aliases":["web"],"infinibandGUID":"c2:11","deviceID":"0000:00:1f.6","cgroupPath":"/kubelet/x"}
            """)));
        Assert.Equal("""{"nameservers":["10.96.0.10"],"search":["default.svc"],"options":["ndots:5"]}""", one.Json["dns"]!.ToJsonString());
    }
}
