using System.Text.Json;
using Twill.KernelTests.Lab;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Topo;

/// <summary>twill topo on a lab in a machine of its own.</summary>
public sealed class TopoTests : IDisposable
{
    private readonly LabMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Topo_OfALab_IsDrawnComparedAndComplainedAbout()
    {
        _machine.Ok("lab", "up", "--nodes", "2", "--pods", "2");
        string picture = _machine.Ok("topo");
        foreach (string word in (string[])["node1 192.168.1.11", "blue 10.244.1.2", "└ twaznip0af40102 ─┐", "10.244.2.0/24→node2", "default→router", "LAN 192.168.1.0/24", "internet 203.0.113.1"]) Assert.Contains(word, picture, StringComparison.Ordinal);
        Assert.DoesNotContain("✗", picture, StringComparison.Ordinal);
        Assert.All(_machine.Ok("topo", "--ascii", "--width", "80"), c => Assert.True(c < 128));
        string one = _machine.Ok("topo", "--node", "node2", "--wide");
        Assert.Contains(_machine.LineOk("ip netns exec node2 cat /sys/class/net/v-net-0/address").Trim(), one, StringComparison.Ordinal);
        Assert.DoesNotContain("blue", one, StringComparison.Ordinal);

        // The whole state, kept and compared with itself.
        _machine.LineOk("$T topo -o json > /run/before.json");
        using (var json = JsonDocument.Parse(_machine.LineOk("cat /run/before.json"))) Assert.Equal("twill.dev/topo/v1", json.RootElement.GetProperty("schema").GetString());
        Assert.Equal("nothing changed\n", _machine.Ok("topo", "--diff", "/run/before.json"));
        foreach ((string format, string begin) in (ReadOnlySpan<(string, string)>)[("svg", "<svg "), ("html", "<!DOCTYPE html>"), ("mermaid", "flowchart TB"), ("dot", "graph pods {")]) Assert.StartsWith(begin, _machine.Ok("topo", "-o", format), StringComparison.Ordinal);

        // By hand: each is marked where it is, said in words, and found by the comparison.
        _machine.LineOk("ip -n node1 link set v-net-0 down; ip -n node2 route del 10.244.1.0/24; ip -n node2 link set twaznip0af40202 nomaster; ip -n node2 neigh replace 192.168.1.11 lladdr 02:00:00:00:00:01 dev eth0; ip -n grey link set eth0 mtu 1300");
        ChildProcess.Outcome broken = _machine.Run("topo"), difference = _machine.Run("topo", "--diff", "/run/before.json"), inJson = _machine.Run("topo", "--diff", "/run/before.json", "-o", "json");
        Assert.Equal((1, 1, 1), (broken.ExitCode, difference.ExitCode, inJson.ExitCode));
        foreach (string mark in (string[])["✗ down", "✗ no 10.244.1.0/24", "✗ not on v-net-0", "✗ arp 192.168.1.11", "✗ eth0 mtu 1300"]) Assert.Contains(mark, broken.OutputText, StringComparison.Ordinal);
        foreach (string command in (string[])["ip -n node1 link set v-net-0 up", "ip -n node2 route add 10.244.1.0/24 via 192.168.1.11 dev eth0", "ip -n node2 link set twaznip0af40202 master v-net-0", "ip -n node2 neigh del 192.168.1.11 dev eth0", "ip -n grey link set eth0 mtu 1500"])
        {
            Assert.Contains(command, broken.ErrorText, StringComparison.Ordinal);

            // What it advises is right.
            _machine.LineOk(command);
        }

        foreach (string line in (string[])["~ state of v-net-0 on node1: up → down\n", "- route 10.244.1.0/24 via 192.168.1.11 dev eth0 on node2\n", "~ bridge of twaznip0af40202 on node2: v-net-0 → none\n", "~ mtu of eth0 on grey: 1500 → 1300\n"]) Assert.Contains(line, difference.OutputText, StringComparison.Ordinal);
        using (var json = JsonDocument.Parse(inJson.OutputText)) Assert.Equal("twill.dev/topo-diff/v1", json.RootElement.GetProperty("schema").GetString());

        // All but the bridge's IPv6 address, which went as it went down, and which nobody was told to put back before it had gone.
        string mended = _machine.Run("topo").OutputText;
        foreach (string mark in (string[])["✗ down", "✗ no 10.244.1.0/24", "✗ not on v-net-0", "✗ arp", "✗ eth0 mtu"]) Assert.DoesNotContain(mark, mended, StringComparison.Ordinal);
        foreach ((string words, string[] arguments) in (ReadOnlySpan<(string, string[])>)[("did you mean blue?", ["--pod", "bleu"]), ("the lab has no node node9", ["--node", "node9"]), ("cannot read /run/none.json", ["--diff", "/run/none.json"])])
        {
            ChildProcess.Outcome none = _machine.Run(["topo", .. arguments]);
            Assert.Equal(4, none.ExitCode);
            Assert.Contains(words, none.ErrorText, StringComparison.Ordinal);
        }

        _machine.LineOk("echo '{\"schema\": 7}' > /run/other.json");
        Assert.Contains("/run/other.json.schema: is not a text", _machine.Run("topo", "--diff", "/run/other.json").ErrorText, StringComparison.Ordinal);
        Assert.Equal(2, _machine.Run("topo", "--diff", "/run/before.json", "-o", "svg").ExitCode);
    }

    [Fact]
    public void Topo_WithoutALab_SaysHowToMakeOne()
    {
        ChildProcess.Outcome none = _machine.Run("topo");
        Assert.Equal((4, ""), (none.ExitCode, none.OutputText));
        Assert.Contains("`twill lab up` makes one", none.ErrorText, StringComparison.Ordinal);
    }
}
