using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Twill.KernelTests.Harness;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Lab;

/// <summary>The published executable makes labs, in a machine made for each test.</summary>
public sealed class LabTests(ITestOutputHelper output) : IDisposable
{
    private readonly LabMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Up_ThreeByTwo_EverybodyReachesEverybodyAndTheFarSideSeesThemAsTheyAre()
    {
        string picture = _machine.Ok("lab", "up", "--dual");
        foreach (string word in (string[])["node1 192.168.1.11", "│ 10.244.2.1 ", "blue 10.244.1.2", "teal 10.244.3.3", "10.244.2.0/24→node2", "LAN 192.168.1.0/24", "  8.8.8.8 "]) Assert.Contains(word, picture, StringComparison.Ordinal);
        foreach (string[] family in (string[][])[[], ["--ipv6"]])
        {
            using var json = JsonDocument.Parse(_machine.Ok(["lab", "pingall", "-o", "json", .. family]));
            JsonElement root = json.RootElement;
            Assert.Equal("twill.dev/lab-pingall/v1", root.GetProperty("schema").GetString());
            JsonElement[] results = [.. root.GetProperty("results").EnumerateArray()];
            Assert.Equal(30 + 18 + 6, results.Length);
            Assert.All(results, r => Assert.InRange(r.GetProperty("rttMs").GetDouble(), 0.0001, 1000));
            foreach (JsonElement r in results)
            {
                string from = r.GetProperty("from").GetString()!, seen = r.GetProperty("seenAs").GetString()!;
                if (from.StartsWith("node", StringComparison.Ordinal)) continue;
                bool internet = r.GetProperty("to").GetString() == "internet";

                // Read inside the pod, by somebody else's program, not by what twill believes.
                string own = _machine.LineOk($"$T lab exec {from} -- ip -o {(family.Length > 0 ? "-6" : "-4")} addr show dev eth0 scope global");
                if (internet) Assert.StartsWith(family.Length > 0 ? "fd00:192:168:1::1" : "192.168.1.1", seen, StringComparison.Ordinal);
                else Assert.Contains($" {seen}/", own, StringComparison.Ordinal);
            }
        }

        string text = _machine.Ok("lab", "pingall");
        Assert.Contains("30 of 30 reachable, 0 lost", text, StringComparison.Ordinal);
        Assert.Contains("unchanged between pods (no NAT)", text, StringComparison.Ordinal);
        Assert.Contains("at 8.8.8.8 (masqueraded)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Status_Json_IsWhatTheKernelSays()
    {
        _machine.Ok("lab", "up");
        using var json = JsonDocument.Parse(_machine.Ok("lab", "status", "-o", "json"));
        Assert.Equal("twill.dev/lab-status/v1", json.RootElement.GetProperty("schema").GetString());
        JsonElement node = json.RootElement.GetProperty("nodes")[1];
        JsonElement pod = node.GetProperty("pods")[0];
        Assert.Equal(("node2", "green", "10.244.2.1"), (node.GetProperty("name").GetString(), pod.GetProperty("name").GetString(), pod.GetProperty("gateway").GetString()));
        string cable = _machine.LineOk($"ip -n node2 -d link show {pod.GetProperty("hostInterface").GetString()}");
        Assert.Contains("master v-net-0", cable, StringComparison.Ordinal);
        Assert.Contains("pod=lab/green", cable, StringComparison.Ordinal);
        Assert.Empty(json.RootElement.GetProperty("problems").EnumerateArray());
    }

    [Fact]
    public void Lab_BrokenByHand_IsToldAndUpRepairsIt()
    {
        _machine.Ok("lab", "up");
        _machine.LineOk("ip -n node1 route del 10.244.2.0/24");
        ChildProcess.Outcome status = _machine.Run("lab", "status"), ping = _machine.Run("lab", "pingall");
        Assert.Equal((1, 1), (status.ExitCode, ping.ExitCode));
        Assert.Contains("ip -n node1 route add 10.244.2.0/24 via 192.168.1.12 dev eth0", status.ErrorText, StringComparison.Ordinal);
        Assert.Contains("blue → green 10.244.2.2: lost on the way there", ping.OutputText, StringComparison.Ordinal);
        _machine.Ok("lab", "up");
        _machine.Ok("lab", "pingall");
        _machine.Ok("lab", "status");
    }

    [Theory]
    [InlineData("ip netns exec node1 nft 'add table ip x; add chain ip x p { type nat hook postrouting priority 90; }; add rule ip x p ip daddr 10.244.2.2 masquerade'", "translated where it must not be")]
    [InlineData("ip netns exec node2 nft flush ruleset", "not masqueraded")]
    public void PingAll_SourceAddressesWrong_SaysSoAtOnce(string harm, string words)
    {
        _machine.Ok("lab", "up");
        _machine.Ok("lab", "pingall"); // connection tracking knows every way now, and must not hide the change
        _machine.LineOk(harm);
        ChildProcess.Outcome ping = _machine.Run("lab", "pingall");
        Assert.Equal(1, ping.ExitCode);
        Assert.Contains(words, ping.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public void Up_Again_ChangesNothing()
    {
        _machine.Ok("lab", "up");
        string before = Everything();
        ChildProcess.Outcome again = _machine.Run("lab", "up");
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("nothing changed", again.ErrorText, StringComparison.Ordinal);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void Up_Larger_AddsOnly()
    {
        _machine.Ok("lab", "up", "--nodes", "2", "--pods", "1");
        string before = _machine.LineOk("for n in blue red; do readlink /proc/self/fd/9 9</run/netns/$n; ip -n $n addr; done");
        _machine.Ok("lab", "up", "--nodes", "4", "--pods", "3");
        Assert.Equal(before, _machine.LineOk("for n in blue red; do readlink /proc/self/fd/9 9</run/netns/$n; ip -n $n addr; done"));
        using var json = JsonDocument.Parse(_machine.Ok("lab", "pingall", "-o", "json"));
        Assert.Equal((12 * 11) + (4 * 12) + 12, json.RootElement.GetProperty("reached").GetInt32());
    }

    [Fact]
    public void Down_LeavesTheMachineAsItWas()
    {
        // The first masquerade loads connection tracking, which brings sysctls that stay with the kernel.
        _machine.Ok("lab", "up", "-n", "1", "-p", "1");
        _machine.Ok("lab", "down");
        string before = _machine.Dump();
        _machine.Ok("lab", "up");
        Assert.NotEqual(before, _machine.Dump());
        _machine.Ok("lab", "pingall");
        ChildProcess.Outcome down = _machine.Run("lab", "down");
        Assert.Equal(0, down.ExitCode);
        Assert.Contains("removed 11 network namespaces: 3 nodes, 6 pods", down.ErrorText, StringComparison.Ordinal);
        Assert.Equal(before, _machine.Dump());
        Assert.Equal(0, _machine.Run("lab", "down").ExitCode);
    }

    [Fact]
    public void Down_LeavesOthersNamespacesAndTheirDirectory()
    {
        _machine.LineOk("ip netns add mine && ip -n mine link set lo up alias 'twill-labrador router' && touch /run/netns/a-file && echo hello > /run/netns/note");
        string before = _machine.Dump();
        _machine.Ok("lab", "up");
        _machine.Ok("lab", "down");
        Assert.Equal(before, _machine.Dump());
        _machine.LineOk("ip netns del mine");
    }

    [Theory]
    [InlineData("ip netns add red", "red")]
    [InlineData("mkdir -p /run/netns; echo hello > /run/netns/node2", "node2")]
    [InlineData("ip netns add router && ip netns add blue", "router, blue")]
    public void Up_NameOfSomebodyElse_IsRefusedAndNothingMade(string line, string names)
    {
        _machine.LineOk(line);
        string before = _machine.Dump();
        ChildProcess.Outcome up = _machine.Run("lab", "up");
        Assert.Equal(1, up.ExitCode);
        Assert.Contains($"has {names} already", up.ErrorText, StringComparison.Ordinal);
        Assert.Contains($"ip netns del {names.Split(',')[0]}", up.ErrorText, StringComparison.Ordinal);
        Assert.Equal(before, _machine.Dump());
        _machine.LineOk("for n in $(ls /run/netns); do umount /run/netns/$n; rm -f /run/netns/$n; done 2>/dev/null; true");
    }

    [Fact]
    public void Up_KilledAnywhere_IsCleanedByDownAndCompletedByUp()
    {
        _machine.Ok("lab", "up", "-n", "1", "-p", "1");
        _machine.Ok("lab", "down");
        string before = _machine.Dump();
        int unfinished = 0;
        for (int names = 1; names <= 40; names += 3)
        {
            // Killed as soon as so many names are there; what it started itself ends or fails by itself.
            string kill = $$"""
                $T lab up -n 5 -p 8 >/dev/null 2>&1 & p=$!
                while [ -d /proc/$p/fd ] && [ "$(ls /run/netns 2>/dev/null | wc -l)" -lt {{names}} ]; do :; done
                kill -9 $p; wait $p; [ $? -eq 137 ] && echo killed; true
                """;
            if (_machine.LineOk(kill).Contains("killed", StringComparison.Ordinal)) unfinished++;
            if (names % 2 == 0)
            {
                _machine.Ok("lab", "up", "-n", "5", "-p", "8");
                using var json = JsonDocument.Parse(_machine.Ok("lab", "pingall", "-o", "json"));
                Assert.Equal(json.RootElement.GetProperty("sent").GetInt32(), json.RootElement.GetProperty("reached").GetInt32());
            }

            _machine.Ok("lab", "down");
            Assert.Equal(before, _machine.Dump());
        }

        output.WriteLine($"killed in the middle: {unfinished} of 14");
        Assert.True(unfinished >= 5, $"only {unfinished} runs were still at work when killed: this test tests nothing");
    }

    /// <summary>Not by luck as above: at the exit of every call that changes something, one after another.</summary>
    [Theory]
    [InlineData("up -n 1 -p 1", "")]
    [InlineData("down", "$T lab up -n 1 -p 1")]
    public void Lab_KilledAtEveryCall_IsCleanedByDown(string what, string first)
    {
        _machine.Ok("lab", "up", "-n", "1", "-p", "1");
        _machine.Ok("lab", "down");
        string before = _machine.Dump();
        string file = Path.Combine(Artifacts.Scratch, $"killed-lab-{what[..2]}");
        string report = _machine.LineOk($$"""
            point=0
            while point=$((point + 1)); do
                {{first}} >/dev/null 2>&1
                {{Artifacts.Tool("crash")}} -n $point -x -t 20 -o {{file}} -- $T lab {{what}} >/dev/null 2>&1
                grep -q '^killed 1' {{file}} || { echo "points $((point - 1))"; break; }
                last=$(grep '^point' {{file}} | tail -1)
                said=$($T lab down 2>&1) || { echo "after $last: down failed: $said"; break; }
                [ -z "$(ls -A /run)" ] || { echo "after $last: left $(ls -AR /run)"; break; }
            done
            rm -f {{file}}; $T lab down 2>/dev/null
            """);
        output.WriteLine(report);
        Assert.DoesNotContain("after", report, StringComparison.Ordinal);
        Assert.True(int.Parse(report.Split(' ')[^1], CultureInfo.InvariantCulture) >= 20, $"{report}: this test tests nothing");
        Assert.Equal(before, _machine.Dump());
    }

    [Fact]
    public void Up_Interrupted_SaysWhatToDoAndDownRemovesIt()
    {
        // A shell's background job ignores SIGINT; env gives it its default back, as at a prompt.
        ChildProcess.Outcome up = _machine.Line("""
            env --default-signal=INT $T lab up -n 20 -p 20 >/dev/null & p=$!
            while [ "$(ls /run/netns 2>/dev/null | wc -l)" -lt 30 ]; do :; done
            kill -INT $p; wait $p
            """);
        Assert.Equal(130, up.ExitCode);
        Assert.Contains("`twill lab down` removes it", up.ErrorText, StringComparison.Ordinal);
        Assert.Contains("removed", _machine.Run("lab", "down").ErrorText, StringComparison.Ordinal);
        Assert.Equal("", _machine.LineOk("ls -A /run"));
    }

    [Fact]
    public void Exec_BecomesTheCommand_WithItsExitCodeAndPipes()
    {
        _machine.Ok("lab", "up", "-n", "1", "-p", "1");
        Assert.Equal(7, _machine.Run("lab", "exec", "blue", "--", "sh", "-c", "exit 7").ExitCode);
        Assert.Contains("10.244.1.2/24", _machine.Ok("lab", "exec", "blue", "--", "ip", "addr"), StringComparison.Ordinal);
        Assert.Contains("192.168.1.11/24", _machine.Ok("lab", "exec", "node1", "--", "ip", "addr"), StringComparison.Ordinal);
        Assert.Equal("@not-a-file\n", _machine.Ok("lab", "exec", "blue", "--", "echo", "@not-a-file"));

        // SIGPIPE is the command's own again: `yes` dies of it instead of complaining.
        ChildProcess.Outcome pipe = _machine.Line("$T lab exec blue -- yes | head -1");
        Assert.Equal(("y\n", ""), (pipe.OutputText, pipe.ErrorText));
        ChildProcess.Outcome nobody = _machine.Run("lab", "exec", "nobody", "--", "true"), nothing = _machine.Run("lab", "exec", "blue", "--", "no-such-program");
        Assert.Equal((4, 4), (nobody.ExitCode, nothing.ExitCode));
        Assert.Contains("blue", nobody.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void Exec_IntoSomebodyElsesNamespace_IsRefused()
    {
        _machine.Ok("lab", "up", "-n", "1", "-p", "1");
        _machine.LineOk("ip netns add mine");
        Assert.Equal(4, _machine.Run("lab", "exec", "mine", "--", "true").ExitCode);
        _machine.LineOk("ip netns del mine");
    }

    [Fact]
    public void Down_ProcessInside_IsNamedAndNotEnded()
    {
        _machine.Ok("lab", "up", "-n", "1", "-p", "1");
        ChildProcess.Outcome down = _machine.Line("$T lab exec blue -- sleep 30 </dev/null >/dev/null 2>&1 & p=$!; while [ \"$(cat /proc/$p/comm)\" != sleep ]; do :; done; $T lab down; kill -0 $p && echo alive; kill $p");
        Assert.Contains("(sleep) in blue", down.ErrorText, StringComparison.Ordinal);
        Assert.Contains("alive", down.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public void NotRoot_OneSentenceAndExit3()
    {
        string copy = $"/run/twill-{Guid.NewGuid():N}";
        _machine.LineOk($"cp $T {copy} && chmod 755 {copy}");
        foreach (string verb in (string[])["up", "up --dry-run", "down", "status", "pingall", "exec blue -- true", "shell blue", "add-node", "remove-node node1", "add-pod x", "remove-pod blue", "break route", "fix", "check-work"])
        {
            ChildProcess.Outcome outcome = _machine.Line($"setpriv --reuid=65534 --regid=65534 --clear-groups {copy} lab {verb}");
            Assert.Equal(3, outcome.ExitCode);
            Assert.Equal("", outcome.OutputText);
            Assert.Contains("only root may", Assert.Single(outcome.ErrorText.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        }

        // Root by name only, as in a container that is not privileged.
        ChildProcess.Outcome bare = _machine.Line($"setpriv --bounding-set=-all --inh-caps=-all {copy} lab up");
        Assert.Equal(3, bare.ExitCode);
        Assert.Contains("CAP_SYS_ADMIN", Assert.Single(bare.ErrorText.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "lab", "upp")]
    [InlineData(2, "lab", "up", "--nodes", "0")]
    [InlineData(2, "nonsense")]
    [InlineData(4, "lab", "status")]
    [InlineData(4, "lab", "pingall")]
    [InlineData(4, "lab", "exec", "blue", "--", "true")]
    [InlineData(4, "lab", "add-pod", "x")]
    [InlineData(4, "lab", "fix")]
    [InlineData(4, "lab", "break", "arp")]
    [InlineData(4, "lab", "check-work")]
    [InlineData(2, "lab", "break", "glass")]
    [InlineData(2, "lab", "up", "--dry-run", "--how")]
    [InlineData(2, "lab", "up", "--ipv6", "--dual")]
    [InlineData(2, "lab", "up", "-f", "lab.yaml", "--nodes", "3")]
    [InlineData(4, "lab", "up", "-f", "/nowhere.yaml")]
    [InlineData(0, "lab", "down")]
    [InlineData(0, "lab", "--help")]
    [InlineData(0, "--version")]
    public void Run_WithoutALab_EndsWith(int code, params string[] arguments)
    {
        ChildProcess.Outcome outcome = _machine.Run(arguments);
        Assert.Equal(code, outcome.ExitCode);
        Assert.Equal(arguments[^1] is "--help" or "--version", outcome.Output.Length > 0);
        Assert.DoesNotContain("   at ", outcome.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithoutArguments_PrintsHelpAndWhatItIs()
    {
        ChildProcess.Outcome outcome = _machine.Run();
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("twill lab up", outcome.OutputText, StringComparison.Ordinal);
        Assert.StartsWith("twill ", outcome.ErrorText, StringComparison.Ordinal);
        Assert.Contains("supports CNI specification", outcome.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void Up_WithoutIPv6_MakesAnIPv4LabAndRefusesAnother()
    {
        _machine.LineOk("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1");
        ChildProcess.Outcome dual = _machine.Run("lab", "up", "--dual");
        Assert.Equal(1, dual.ExitCode);
        Assert.Contains("sysctl -w net.ipv6.conf.all.disable_ipv6=0", dual.ErrorText, StringComparison.Ordinal);
        _machine.Ok("lab", "up");
        _machine.Ok("lab", "pingall");
        Assert.Equal(1, _machine.Run("lab", "pingall", "--ipv6").ExitCode);
    }

    [Theory]
    [InlineData(3, 10)]
    [InlineData(50, 20)]
    public void Up_Size_IsUpAndReachable(int nodes, int pods)
    {
        long start = Stopwatch.GetTimestamp();
        _machine.Ok("lab", "up", "-n", $"{nodes}", "-p", $"{pods}");
        TimeSpan up = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        using (var json = JsonDocument.Parse(_machine.Ok("lab", "pingall", "-o", "json"))) Assert.True(json.RootElement.GetProperty("ok").GetBoolean());
        TimeSpan ping = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        _machine.Ok("lab", "down");
        output.WriteLine($"{nodes} x {pods}: up {up.TotalSeconds:0.00} s, pingall {ping.TotalSeconds:0.00} s, down {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s");
    }

    /// <summary>Inside of every namespace of the lab; without link-local addresses, which the kernel completes a second later.</summary>
    private string Everything() => _machine.LineOk("""
        for n in $(ls /run/netns); do
            echo "== $n"; readlink /proc/self/fd/9 9</run/netns/$n
            ip -n $n -d link | sed -E 's/(hello|topology_change|tcn|gc|forward_delay|message_age|hold)_timer +[0-9.]+//g'; ip -n $n -o addr | grep -v -e fe80 -e ff00; ip -n $n route show table all | grep -v -e fe80 -e ff00; ip netns exec $n nft list ruleset
        done
        """);
}
