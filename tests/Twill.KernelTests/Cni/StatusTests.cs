using System.Text;
using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>STATUS and VERSION (checklist section 7).</summary>
public sealed class StatusTests
{
    /// <summary>Measured on Linux 6.18, and a small slack.</summary>
    private const int MaxCalls = 96;

    /// <summary>What STATUS says is what ADD then does, in each state.</summary>
    [Theory]
    [Trait("cni", "S01")]
    [Trait("cni", "S02")]
    [Trait("cni", "S03")]
    [Trait("cni", "S06")]
    [InlineData("fresh", 0)]
    [InlineData("one of two", 0)]
    [InlineData("full", 50)]
    [InlineData("full of IPv6 only", 50)]
    [InlineData("bridge is an ifb", 50)]
    [InlineData("bridge is down", 0)]
    public void Status_SaysWhatAddWillDo(string state, int code)
    {
        using var host = new HostNamespace();
        Net net = Net.Plain("10.88.0.0/29");
        switch (state)
        {
            case "fresh": break;
            case "one of two": net.Add(host, host.NewPod()).Succeeded(); break;
            case "full":
                net = Net.Plain("10.88.0.0/30");
                net.Add(host, host.NewPod()).Succeeded();
                break;
            case "full of IPv6 only":
                net = Net.Plain().With("ipam.ranges", JsonNode.Parse("""[[{"subnet":"10.88.0.0/24"}],[{"subnet":"fd88::/126"}]]"""));
                while (net.Add(host, host.NewPod()).Ok) { }
                break;
            case "bridge is an ifb": host.Ip($"link add {Net.Bridge} type ifb"); break;
            default: host.Ip($"link add {Net.Bridge} type bridge"); break;
        }

        string before = host.Dump();
        PluginOutcome status = net.Call("STATUS").In(host);
        Assert.Equal(before, host.Dump());
        if (code == 0) status.Succeeded();
        else status.FailedBySpec(code);

        // S05: whatever it said, ADD is served if it can be.
        Assert.Equal(code == 0, net.Add(host, host.NewPod()).Ok);
    }

    [Fact]
    [Trait("cni", "S03")]
    public void Status_NotRoot_IsCode50()
    {
        using var host = new HostNamespace();
        string path = Path.Combine("/tmp", $"twill-status-{Environment.ProcessId}");
        File.Copy(Artifacts.Plugin, path);
        try
        {
            (Net.Plain().Call("STATUS") with { Binary = path }).InShell(host, "exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$0\"").FailedBySpec(50);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    [Trait("cni", "S04")]
    [Trait("cni", "S05")]
    [Trait("cni", "L03")]
    public void Delegate_IsAsked_AndAddIsServedAllTheSame()
    {
        using var script = new ScriptPlugin();
        using var host = new HostNamespace();
        Net net = Net.Plain().With("ipam", new JsonObject { ["type"] = "script" });
        script.On("STATUS", """echo '{"cniVersion":"1.1.0","code":51,"msg":"half asleep"}'; exit 1""");
        Assert.Equal("half asleep", (net.Call("STATUS") with { CniPath = script.Directory }).In(host).FailedBySpec(51).Message);
        (net.Call("ADD", host.NewPod()) with { CniPath = script.Directory }).In(host).Succeeded();
        script.On("STATUS", "exit 0");
        (net.Call("STATUS") with { CniPath = script.Directory }).In(host).Succeeded();
        Assert.Equal(["STATUS", "ADD", "STATUS"], script.Calls);
        (net.Call("STATUS") with { CniPath = "/nowhere" }).In(host).FailedBySpec(4, 50);
    }

    /// <summary>With pods there and others coming and going always the same answer; and few system calls, most of them the start of a process.</summary>
    [Fact]
    [Trait("cni", "S07")]
    public void Status_IsCheapAndDoesNotFlap()
    {
        using var host = new HostNamespace();
        Net net = Net.Dual();
        Pod[] pods = [.. Enumerable.Range(0, 3).Select(_ => host.NewPod())];
        PluginRun status = net.Call("STATUS");
        Workers.ForEach<int>([0, 1, 2], 3, worker =>
        {
            for (int i = 0; i < 12; i++)
            {
                if (worker > 0)
                {
                    net.Add(host, pods[worker]).Succeeded();
                    net.Del(host, pods[worker]).Succeeded();
                    continue;
                }

                status.In(host).Succeeded();
            }
        });
        TraceReport report = TracedRun.Of(status, host, Strike.Never).Report;
        TestContext.Current.TestOutputHelper?.WriteLine($"{report.Calls} calls, {report.Sends} sends");
        Assert.Empty(report.Execs);
        Assert.InRange(report.Calls, 1, MaxCalls);
    }

    [Fact]
    [Trait("cni", "V01")]
    [Trait("cni", "V02")]
    [Trait("cni", "V03")]
    public void Version_EchoesAndListsAllThatAreTested()
    {
        using var host = new HostNamespace();
        foreach ((string input, string echo) in ((string, string)[])[
            ("""{"cniVersion":"0.4.0"}""", "0.4.0"),
            ("""{"cniVersion":"1.1.0","name":"x"}""", "1.1.0"),
            ("""{"cniVersion":"9.9.9"}""", "9.9.9"),
            ("", ""),
            ("{", ""),
            ("\u0001garbage", ""),
        ])
        {
            JsonObject json = (new PluginRun("VERSION") { Input = Encoding.UTF8.GetBytes(input), NetNs = "dummy", ContainerId = "dummy", IfName = "dummy", CniPath = null }).In(host).Succeeded().Json!;
            if (echo.Length > 0) Assert.Equal(echo, (string?)json["cniVersion"]);
            Assert.Equal(AddTests.Versions.Select(v => v.Data), json["supportedVersions"]!.AsArray().Select(v => (string)v!));
            Assert.Equal(2, json.Count);
        }
    }

    /// <summary>A runtime of 0.1.0 knows ADD and DEL only.</summary>
    [Fact]
    [Trait("cni", "V04")]
    public void OldestRuntime_NeedsNoVersion()
    {
        using var one = new OnePod(Net.Plain(cniVersion: "0.1.0"));
        one.Net.Call("DEL", one.Pod).In(one.Host).Succeeded();
        one.MustBeGone();
    }
}
