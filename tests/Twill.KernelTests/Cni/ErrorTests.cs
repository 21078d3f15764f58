using System.Text;
using System.Text.Json.Nodes;
using Twill.Cni;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>Errors (checklist section 9).</summary>
public sealed class ErrorTests
{
    [Fact]
    [Trait("cni", "X01")]
    public void ErrorObject_IsOnStdoutAndHasFourFieldsAtMost()
    {
        using var host = new HostNamespace();
        PluginOutcome outcome = (Net.Plain().Call("ADD", host.NewPod()) with { NetNs = "/nowhere" }).In(host);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal("", outcome.Error);
        Assert.Empty(outcome.Json!.Select(p => p.Key).Except(["cniVersion", "code", "msg", "details"]));
        Assert.True(CniError.TryParse(Encoding.UTF8.GetBytes(outcome.Output), out CniError? parsed));
        Assert.Equal(4, parsed.Code);
    }

    /// <summary>One situation for each code that we can give: 3 is never given, for the runtime may then skip DEL.</summary>
    [Theory]
    [Trait("cni", "X02")]
    [Trait("cni", "X03")]
    [InlineData(1, "cniVersion", "\"2.0.0\"")]
    [InlineData(2, "vlan", "7")]
    [InlineData(4, "CNI_NETNS", "/run/netns/gone")]
    [InlineData(7, "mtu", "7")]
    [InlineData(8, "CNI_NETNS", "/proc/self/ns/net")]
    [InlineData(11, "ipam.ranges", """[[{"subnet":"10.88.0.0/30","rangeStart":"10.88.0.2","exclude":["10.88.0.2/32"]}]]""")]
    [InlineData(101, "CNI_IFNAME", "there")]
    public void Codes_AreTheSpecifications(int code, string key, string value)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        pod.Ip("link add there type ifb");
        PluginRun run = key.StartsWith("CNI_", StringComparison.Ordinal) ? Net.Plain().Call("ADD", pod) : Net.Plain().With(key, JsonNode.Parse(value)).Call("ADD", pod);
        if (key == "CNI_NETNS") run = run with { NetNs = value };
        if (key == "CNI_IFNAME") run = run with { IfName = value };
        run.In(host).FailedBySpec(code);
    }

    /// <summary>Starved of descriptors, stack or memory, or fed too much: an error object or nothing, never half a result, and nothing left.</summary>
    [Theory]
    [Trait("cni", "X04")]
    [InlineData("ulimit -n 3; exec \"$0\"", true)]
    [InlineData("ulimit -n 4; exec \"$0\"", true)]
    [InlineData("ulimit -n 5; exec \"$0\"", true)]
    [InlineData("ulimit -n 6; exec \"$0\"", true)]
    [InlineData("head -c 20000000 /dev/zero | tr '\\0' '[' | \"$0\"", true)]
    [InlineData("head -c 1000000 /dev/zero | tr '\\0' '[' | \"$0\"", true)]
    [InlineData("{ printf '{\"a\":'; head -c 15000000 /dev/zero | tr '\\0' '['; } | \"$0\"", true)]
    [InlineData("ulimit -v 4000; exec \"$0\"", false)]
    public void Starved_GivesAnErrorObject(string script, bool mustSpeak)
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        PluginOutcome outcome = Net.Plain().Call("ADD", pod).InShell(host, script);
        if (outcome.Ok) return;
        if (mustSpeak) outcome.FailedBySpec();
        else Assert.True(outcome.Output.Length == 0 || outcome.Json is not null, outcome.ToString());
        Assert.Empty(pod.Links());
        Assert.Empty(Net.Plain().Audit(host));
    }

    /// <summary>Every send of an ADD refused with ENOMEM in turn: each time an error object by the specification.</summary>
    [Fact]
    [Trait("cni", "X04")]
    [Trait("cni", "A06")]
    public void EachSystemCallRefused_GivesAnErrorObjectOrSuccess()
    {
        using var host = new HostNamespace();
        Net net = Net.Dual();
        net.Add(host, host.NewPod()).Succeeded();
        IReadOnlyList<string> points = TracedRun.Of(net.Call("ADD", host.NewPod()), host, Strike.Never).Report.Points;
        Assert.InRange(points.Count, 5, 200);
        for (int point = 1; point <= points.Count; point++)
        {
            Pod pod = host.NewPod();
            PluginOutcome outcome = TracedRun.Of(net.Call("ADD", pod), host, Strike.Fail(point, Linux.Sys.Errno.ENOMEM)).Outcome;

            // A thread that cannot leave the pod's namespace ends the process at once, on purpose: then nothing at all is printed.
            if (points[point - 1].StartsWith("setns", StringComparison.Ordinal) && outcome.ExitCode >= 128) Assert.Equal("", outcome.Output);
            else if (!outcome.Ok) outcome.FailedBySpec();
            net.Del(host, pod).Succeeded();
        }

        net.Gc().In(host).Succeeded();
        Assert.Empty(net.Audit(host));
    }

    [Theory]
    [Trait("cni", "X05")]
    [InlineData("0.1.0", "0.1.0")]
    [InlineData("1.1.0", "1.1.0")]
    [InlineData("9.9.9", "9.9.9")]
    [InlineData(null, "1.1.0")]
    public void ErrorObject_KeepsTheRequestsVersion(string? version, string expected)
    {
        using var host = new HostNamespace();
        Assert.Equal(expected, (string?)Net.Plain().With("cniVersion", version).With("name", "-bad").Add(host, host.NewPod()).FailedBySpec(1, 7).Json!["cniVersion"]);
    }
}
