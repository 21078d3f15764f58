using System.Text.Json;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Lab;

/// <summary>A lab that changes while it is up: only the change happens.</summary>
public sealed class LabChangeTests : IDisposable
{
    private readonly LabMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void File_AppliedAgainWithAChange_ChangesOnlyThat()
    {
        Write("""
            mode: direct
            nodes:
              - name: node1
                pods: [blue, {name: shop, containers: [web, probe]}]
              - pods: 2
            """);
        ChildProcess.Outcome up = _machine.Run("lab", "up", "-f", "/run/lab.yaml");
        Assert.True(up.ExitCode == 0, up.ErrorText);
        Assert.Contains("shop: probe started; http://localhost/ answers: web of pod shop, asked by 127.0.0.1", up.ErrorText, StringComparison.Ordinal);
        Assert.Equal("", _machine.Ok("lab", "up", "-f", "/run/lab.yaml", "--dry-run"));
        string before = Inodes("blue", "red", "shop");
        Write("""
            { "mode": "router", "nodes": [ { "index": 1, "pods": ["blue", { "name": "shop", "containers": ["web"] }] }, { "index": 2, "pods": ["red"] }, "node4" ], "pods": 1 }
            """);
        string plan = _machine.Ok("lab", "up", "-f", "/run/lab.yaml", "--dry-run");
        Assert.Contains("+ ip netns add node4", plan, StringComparison.Ordinal);
        Assert.Contains("- ip netns del green", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("blue", plan, StringComparison.Ordinal);
        Assert.Equal(before, Inodes("blue", "red", "shop"));
        _machine.Ok("lab", "up", "-f", "/run/lab.yaml");
        Assert.Equal(before, Inodes("blue", "red", "shop"));
        Assert.Equal("", _machine.Ok("lab", "up", "-f", "/run/lab.yaml", "--dry-run"));
        _machine.Ok("lab", "pingall");
        Assert.Equal(1, Containers());
    }

    [Theory]
    [InlineData("nodes: 3\nmodes: router", "line 2, column 8", "did you mean mode?")]
    [InlineData("nodes: 3\nmode: routed", "mode \"routed\"", "did you mean router?")]
    [InlineData("nodes: []", "nodes", "at least one node")]
    [InlineData("nodes: [{name: node1}, {index: 1}]", "nodes[1]", "a second node1")]
    [InlineData("nodes: [{pods: [blue, blue]}]", "nodes[0].pods[1]", "a second pod")]
    [InlineData("nodes: [{name: castle}]", "nodes[0].name \"castle\"", "expected node1 to node200")]
    [InlineData("nodes: [{pods: [{name: Blue}]}]", "nodes[0].pods[0].name", "lower-case")]
    [InlineData("pods: 3", "", "nodes is missing")]
    [InlineData("{ \"nodes\": 3,", "cannot read /run/lab.yaml", "line 1")]
    public void File_Wrong_SaysWhereAndChangesNothing(string text, string where, string what)
    {
        Write(text);
        ChildProcess.Outcome up = _machine.Run("lab", "up", "-f", "/run/lab.yaml");
        Assert.Equal(2, up.ExitCode);
        Assert.Contains(where, up.ErrorText, StringComparison.Ordinal);
        Assert.Contains(what, up.ErrorText, StringComparison.Ordinal);
        Assert.Equal("lab.yaml", _machine.LineOk("ls /run").Trim());
    }

    [Fact]
    public void Up_ModeAndFamilies_ChangeUnderARunningLab()
    {
        _machine.Ok("lab", "up", "-n", "2", "-p", "2");
        Assert.Equal("", _machine.LineOk("ip -n blue -6 addr show scope global"));
        _machine.Ok("lab", "up", "--mode", "router");
        Assert.DoesNotContain("10.244.2.0", _machine.LineOk("ip -n node1 route"), StringComparison.Ordinal);
        Assert.Contains("10.244.2.0/24 via 192.168.1.12 dev lan proto 77", _machine.LineOk("ip -n router route"), StringComparison.Ordinal);
        _machine.Ok("lab", "pingall");

        // Nothing asked for: as it is.
        Assert.Contains("nothing changed", _machine.Run("lab", "up").ErrorText, StringComparison.Ordinal);
        string inodes = Inodes("blue", "node1");
        _machine.Ok("lab", "up", "--dual");
        _machine.Ok("lab", "pingall");
        _machine.Ok("lab", "pingall", "--ipv6");
        _machine.Ok("lab", "up", "--ipv6", "--mode", "direct");
        Assert.Equal("127.0.0.1/8", string.Join(' ', _machine.LineOk("for n in $(ls /run/netns); do ip -n $n -4 -o addr; done | awk '{ print $4 }' | sort -u").Split()).Trim());
        Assert.DoesNotContain("ip saddr", _machine.LineOk("ip netns exec node1 nft list ruleset"), StringComparison.Ordinal);
        _machine.Ok("lab", "pingall");
        _machine.Ok("lab", "up", "--ipv4");
        _machine.Ok("lab", "pingall");
        Assert.Equal(inodes, Inodes("blue", "node1"));
    }

    [Fact]
    public void PodsAndNodes_ComeAndGo_AndTheOthersKeepWhatTheyHave()
    {
        _machine.Ok("lab", "up", "-n", "2", "-p", "2");
        string blue = Inodes("blue");
        _machine.Ok("lab", "remove-pod", "red");
        Assert.DoesNotContain("red", _machine.LineOk("ls /run/netns; ip -n node1 link"), StringComparison.Ordinal);
        ChildProcess.Outcome add = _machine.Run("lab", "add-pod", "shop", "--containers", "web,probe");
        Assert.Contains("http://localhost/ answers: web of pod shop", add.ErrorText, StringComparison.Ordinal);
        Assert.Contains("10.244.1.3/24", _machine.Ok("lab", "exec", "shop", "--", "ip", "addr"), StringComparison.Ordinal);

        // Somebody else asks the pod's address: the same container answers.
        Assert.Contains("web of pod shop, asked by 10.244.1.2", _machine.LineOk("$T lab exec blue -- bash -c 'exec 3<>/dev/tcp/10.244.1.3/80; printf \"GET / HTTP/1.0\\r\\n\\r\\n\" >&3; cat <&3'"), StringComparison.Ordinal);
        _machine.Ok("lab", "add-node", "--pods", "1");
        _machine.Ok("lab", "pingall");
        _machine.Ok("lab", "remove-node", "node2");
        _machine.Ok("lab", "pingall");
        Assert.Equal(blue, Inodes("blue"));
        Assert.DoesNotContain("10.244.2.0", _machine.LineOk("ip -n node1 route; ip -n router link"), StringComparison.Ordinal);
        Assert.Equal(2, Containers());
        _machine.Ok("lab", "remove-pod", "shop");
        Assert.Equal(0, Containers());
        _machine.Ok("lab", "add-pod", "shop", "-c", "web");
        Assert.Equal(1, Containers());
        _machine.Ok("lab", "down");
        Assert.Equal(0, Containers());
        Assert.Equal("", _machine.LineOk("ls -A /run"));
    }

    [Fact]
    public void Container_Killed_IsStartedAgainByUp()
    {
        _machine.Ok("lab", "up", "-n", "1", "-p", "0");
        _machine.Ok("lab", "add-pod", "shop", "-c", "web");
        _machine.LineOk("""
            for f in $(grep -lza '^lab-container' /proc/[0-9]*/cmdline 2>/dev/null); do
                p=${f#/proc/}; p=${p%/cmdline}
                [ "$(stat -Lc %i /proc/$p/ns/net)" = "$(stat -Lc %i /run/netns/shop)" ] || continue
                kill -9 $p; while stat -Lc %i /proc/$p/ns/net >/dev/null 2>&1; do :; done
            done
            """);
        ChildProcess.Outcome status = _machine.Run("lab", "status");
        Assert.Equal(1, status.ExitCode);
        Assert.Contains("container web of pod shop is not running", status.ErrorText, StringComparison.Ordinal);
        _machine.Ok("lab", "up");
        _machine.Ok("lab", "status");
        Assert.Equal(1, Containers());
    }

    [Theory]
    [InlineData("route", "red", "10.244.1.2")]
    [InlineData("bridge", "red", "10.244.1.2")]
    [InlineData("veth", "red", "10.244.1.2")]
    [InlineData("arp", "red", "10.244.1.2")]
    [InlineData("forward", "red", "10.244.1.2")]
    [InlineData("masquerade", "red", "8.8.8.8")]
    [InlineData("mtu", "blue", "-M do -s 1400 10.244.2.2")]
    public void Break_IsReal_IsNotTold_AndFixPutsItRight(string kind, string from, string lost)
    {
        string ping = $"ip netns exec {from} ping -c 1 -W 1 {lost}";
        _machine.Ok("lab", "up", "-n", "2", "-p", "1");
        _machine.LineOk(ping);
        string answer = _machine.Ok("lab", "break", kind, "node2", "--how");
        _machine.Ok("lab", "status");
        ChildProcess.Outcome harm = _machine.Run("lab", "break", kind, "node2");
        Assert.Equal((0, ""), (harm.ExitCode, harm.OutputText));
        Assert.Contains("lesson: ", harm.ErrorText, StringComparison.Ordinal);
        Assert.DoesNotContain(answer.TrimEnd().Split('\n')[^1], harm.ErrorText, StringComparison.Ordinal);
        Assert.Equal(1, _machine.Run("lab", "status").ExitCode);
        Assert.NotEqual(0, _machine.Line(ping).ExitCode);
        if (kind == "mtu") _machine.LineOk("ip netns exec blue ping -c 1 -W 1 10.244.2.2");
        ChildProcess.Outcome fix = _machine.Run("lab", "fix");
        Assert.Equal(0, fix.ExitCode);
        Assert.Contains("1 put right", fix.ErrorText, StringComparison.Ordinal);
        _machine.Ok("lab", "status");
        _machine.LineOk(ping);

        // The printed answer breaks it in the same way.
        _machine.LineOk($"cat > /run/break.sh <<'E'\n{Renewed(kind, answer)}\nE\nsh -e /run/break.sh; rm /run/break.sh");
        Assert.Equal(1, _machine.Run("lab", "status").ExitCode);
    }

    [Theory]
    [InlineData("ip -n node1 link del v-net-0", "node1 has no bridge v-net-0")]
    [InlineData("ip netns del node1", "there is no node1")]
    [InlineData("ip -n router link set lan down", "the bridge lan of router is down")]
    [InlineData("ip -n blue addr flush dev eth0", "eth0 of blue does not have the address 10.244.1.2/24")]
    [InlineData("ip -n node1 route replace 10.244.2.0/24 via 192.168.1.1 dev eth0", "instead of via 192.168.1.12")]
    [InlineData("ip -n blue link set eth0 down", "eth0 of blue (the cable to node1) is down")]
    [InlineData("ip netns exec node2 nft flush ruleset", "node2 does not masquerade")]
    [InlineData("ip -n node2 link set eth0 name wan0", "there is no cable between node2 (eth0) and the lan")]
    public void Fix_AfterOtherHarm_SaysWhatItWasAndEverybodyTalksAgain(string harm, string words)
    {
        _machine.Ok("lab", "up", "-n", "2", "-p", "1");
        _machine.LineOk(harm);
        ChildProcess.Outcome fix = _machine.Run("lab", "fix");
        Assert.True(fix.ExitCode == 0, fix.ErrorText);
        Assert.Contains(words, fix.ErrorText, StringComparison.Ordinal);
        _machine.Ok("lab", "pingall");
        Assert.Contains("nothing is broken", _machine.Run("lab", "fix").ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckWork_BuiltByHandWithOtherNames_IsFollowedStepByStep()
    {
        _machine.Ok("lab", "up", "--empty", "-n", "2", "-p", "1");
        string[] work =
        [
            "for i in 1 2; do ip -n node$i link add sw type bridge && ip -n node$i link set sw up; done",
            "ip -n node1 link add one type veth peer name net0 netns blue && ip -n node1 link set one master sw up && ip -n blue link set net0 up",
            "ip -n red link add eth0 type veth peer name two netns node2 && ip -n node2 link set two master sw up && ip -n red link set eth0 up",
            "for i in 1 2; do ip -n node$i addr add 10.244.$i.254/24 dev sw; done",
            "ip -n blue addr add 10.244.1.77/24 dev net0; ip -n red addr add 10.244.2.2/24 dev eth0",
            "ip -n blue route add default via 10.244.1.254; ip -n red route add default via 10.244.2.254",
            "for i in 1 2; do ip netns exec node$i sysctl -qw net.ipv4.ip_forward=1; done",
            "ip -n node1 route add 10.244.0.0/16 via 192.168.1.12; ip -n router route add 10.244.1.0/24 via 192.168.1.11",
            "for i in 1 2; do ip netns exec node$i nft \"add table ip n; add chain ip n p { type nat hook postrouting priority 100; }; add rule ip n p ip saddr 10.244.0.0/16 ip daddr != { 10.244.0.0/16, 192.168.1.0/24 } masquerade\"; done",
        ];
        int done = Judge();
        Assert.Equal(0, done);
        foreach (string line in work)
        {
            _machine.LineOk(line);
            int now = Judge();
            Assert.True(now > done, $"{done} done before, {now} after: {line}");
            done = now;
        }

        ChildProcess.Outcome end = _machine.Run("lab", "check-work");
        Assert.True(end.ExitCode == 0, end.OutputText);
        Assert.Contains("well done", end.ErrorText, StringComparison.Ordinal);

        // `up` leaves the learner's work alone.
        _machine.Ok("lab", "up");
        Assert.Equal(0, _machine.Run("lab", "check-work").ExitCode);

        // All there, and still wrong: packets have the last word.
        _machine.LineOk("ip netns exec node1 nft insert rule ip n p ip daddr 10.244.2.2 masquerade");
        ChildProcess.Outcome wrong = _machine.Run("lab", "check-work");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("red sees blue as 192.168.1.11", wrong.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckWork_Hints_AreTheWayToTheEnd()
    {
        // A learner who does nothing but what the first hint says, at most so often.
        _machine.Ok("lab", "up", "--empty", "--mode", "router", "--dual", "-n", "2", "-p", "2");
        const int MaxHints = 60;
        for (int i = 0; i < MaxHints; i++)
        {
            using var json = JsonDocument.Parse(_machine.Run("lab", "check-work", "-o", "json").OutputText);
            JsonElement task = json.RootElement.GetProperty("tasks").EnumerateArray().FirstOrDefault(t => !t.GetProperty("done").GetBoolean());
            if (task.ValueKind == JsonValueKind.Undefined) return;
            string hint = task.GetProperty("hint").GetString()!;
            int command = hint.IndexOf(": ip ", StringComparison.Ordinal);
            Assert.True(command > 0, hint);
            _machine.LineOk(hint[(command + 2)..]);
        }

        Assert.Fail(_machine.Run("lab", "check-work").OutputText);
    }

    [Fact]
    public void Shell_IsTheOwnShellInsideWithAPromptThatNamesIt()
    {
        _machine.Ok("lab", "up", "-n", "1", "-p", "1");
        Assert.Contains("10.244.1.2/24|(blue) # |blue", _machine.LineOk("echo 'echo $(ip -o -4 addr show dev eth0 | grep -o 10[^\\ ]*/24)\"|$PS1|$TWILL_LAB\"' | SHELL=/bin/sh $T lab shell blue"), StringComparison.Ordinal);
        Assert.Contains("(blue) # ", _machine.LineOk("echo exit | SHELL=/bin/bash script -qec \"$T lab shell blue\" /dev/null"), StringComparison.Ordinal);
        Assert.Equal(4, _machine.Run("lab", "shell", "nobody").ExitCode);
    }

    private int Judge()
    {
        using var json = JsonDocument.Parse(_machine.Run("lab", "check-work", "-o", "json").OutputText);
        Assert.Equal("twill.dev/lab-work/v1", json.RootElement.GetProperty("schema").GetString());
        return json.RootElement.GetProperty("done").GetInt32();
    }

    /// <summary>Rules that were made again have other handles.</summary>
    private string Renewed(string kind, string answer) => kind == "masquerade" ? _machine.Ok("lab", "break", kind, "node2", "--how") : answer;

    private void Write(string text) => _machine.LineOk($"cat > /run/lab.yaml <<'E'\n{text}\nE");

    private string Inodes(params string[] names) => _machine.LineOk($"for n in {string.Join(' ', names)}; do stat -Lc %i /run/netns/$n; ip -n $n -o addr | grep -v fe80 | sed 's/^[0-9]*: //'; done");

    /// <summary>Processes of containers, of this machine's pods only: those that share a network namespace with one of them, or would have.</summary>
    private int Containers() => int.Parse(_machine.LineOk("n=0; for f in $(grep -lza '^lab-container' /proc/[0-9]*/cmdline 2>/dev/null); do p=${f#/proc/}; p=${p%/cmdline}; [ \"$(stat -Lc %i /proc/$p/ns/mnt 2>/dev/null)\" = \"$(stat -Lc %i /proc/self/ns/mnt)\" ] && n=$((n+1)); done; echo $n"), System.Globalization.CultureInfo.InvariantCulture);
}
