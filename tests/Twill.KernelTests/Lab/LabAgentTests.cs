using System.Globalization;
using Twill.KernelTests.Callers;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Lab;

/// <summary>A lab whose nodes have real agents: what they do by themselves, and what the lab does to them.</summary>
public sealed class LabAgentTests : IDisposable
{
    private readonly LabMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    /// <summary>Two LANs: near nodes by routes, the far one through tunnels, and every packet goes as predicted.</summary>
    [Theory]
    [InlineData("auto")]
    [InlineData("vxlan")]
    [InlineData("direct")]
    public void Up_WithAgents_EveryPacketGoesAsPredicted(string mode)
    {
        _machine.Ok("lab", "up", "--mode", mode, "--source", "file");
        Assert.Equal((mode switch { "auto" => 4, "vxlan" => 6, _ => 0 }, mode switch { "auto" => 2, "vxlan" => 0, _ => 6 }), (Count("dev twill-vx proto 77"), Count("dev eth0 proto 77")));
        _machine.Ok("lab", "status");
        _machine.Ok("lab", "pingall");
        Assert.Equal("", _machine.LineOk("""
            try() { { o=$($T trace "$@" 2>&1) || echo "$@" "$o"; } & }
            for a in blue green pink teal; do for b in blue grey pink; do [ $a = $b ] || try $a $b --reply; done; try $a internet; wait; done
            try node1 pink; try node3 blue; try blue pink --tcp 80; try blue pink --udp 53; wait
            """));
        Assert.Equal(mode == "direct" ? "0" : "1", _machine.Line("$T trace blue pink --size 1451 >/dev/null; echo $?").OutputText.Trim()); // what a tunnel takes does not fit
        Assert.Contains(mode switch { "auto" => "10.244.3.0/24→node3 vxlan", "vxlan" => "10.244.2.0/24→node2 vxlan", _ => "10.244.2.0/24→node2 " }, _machine.Ok("topo"), StringComparison.Ordinal);
    }

    [Fact]
    public void Up_DualStackAndEtcd_BlocksAreClaimedAndNodesComeAndGo()
    {
        Requirement.Need("etcd", "etcd");
        _machine.Ok("lab", "up", "--mode", "auto", "--source", "etcd", "--dual");
        _machine.LineOk("for i in $(seq 60); do [ -z \"$(for n in router internet node1 node2 node3 blue red green pink teal; do ip -n $n -6 addr show tentative; done)\" ] && break; sleep 0.1; done; $T lab pingall >/dev/null && $T lab pingall --ipv6");
        _machine.Ok("trace", "blue", "pink", "-6", "--reply");
        ChildProcess.Outcome add = _machine.Run("lab", "add-node", "--pods", "1");
        Assert.True(add.ExitCode == 0, add.ErrorText);
        Assert.Matches(@"3 other nodes had the routes to the new node \d+\.\d ms after the source knew", add.ErrorText);
        _machine.Ok("lab", "pingall");
        ChildProcess.Outcome remove = _machine.Run("lab", "remove-node", "node4");
        Assert.True(remove.ExitCode == 0, remove.ErrorText);
        Assert.Matches(@"3 other nodes had no routes to it any longer \d+\.\d ms after the source knew", remove.ErrorText);
        Assert.Equal(0, Count("10.244.4.0/24"));
        _machine.Ok("lab", "add-node"); // the same name and block again
    }

    [Fact]
    public void KillAgent_UnderPing_NothingIsLostAndWhatBreaksStaysBroken()
    {
        _machine.Ok("lab", "up", "--mode", "auto");
        string pings = _machine.LineOk("""
            ip netns exec blue ping -q -i 0.005 -c 200 10.244.3.2 >/run/ping & P=$!
            for i in 1 2 3 4 5; do $T lab kill-agent node1; $T lab kill-agent node3; $T lab fix; done >/dev/null 2>&1
            wait $P; cat /run/ping; rm /run/ping
            """);
        Assert.Contains("200 received", pings, StringComparison.Ordinal);

        // With its agent the route is back at once; without it stays away, and everything says so.
        _machine.LineOk("ip -n node1 route del 10.244.2.0/24; for i in $(seq 50); do ip -n node1 route | grep -q 10.244.2.0 && exit 0; sleep 0.02; done; exit 1");
        Assert.Contains("the agent of node1 is dead", _machine.LineOk("$T lab kill-agent node1 2>&1"), StringComparison.Ordinal);
        ChildProcess.Outcome broken = _machine.Line("ip -n node1 route del 10.244.2.0/24; sleep 0.3; ip -n node1 route | grep 10.244.2.0; $T lab status >/dev/null; $T why blue green");
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("the agent of node1 is not running", broken.ErrorText, StringComparison.Ordinal);
        Assert.Contains("node1 has no route to 10.244.2.0/24", broken.OutputText, StringComparison.Ordinal);
        Assert.Equal(4, _machine.Line("$T lab kill-agent node1").ExitCode); // there is none to kill
        Assert.Contains("the agent of node1 is not running: put right", _machine.LineOk("$T lab fix 2>&1"), StringComparison.Ordinal);
        _machine.Ok("lab", "pingall");
    }

    [Fact]
    public void Partition_CutsOffAndHealMends()
    {
        _machine.Ok("lab", "up", "--source", "file");
        Assert.Contains("node2 is cut off", _machine.LineOk("$T lab partition node2 2>&1"), StringComparison.Ordinal);
        Assert.Equal(1, _machine.Run("lab", "pingall").ExitCode);
        Assert.Equal(1, _machine.Run("why", "blue", "green").ExitCode);
        _machine.Ok("trace", "green", "grey"); // within the node all goes on
        _machine.Ok("lab", "heal");
        _machine.Ok("lab", "pingall");
    }

    /// <summary>Also after agents and store were killed, and their files left behind.</summary>
    [Fact]
    public void Down_AfterKills_LeavesNothing()
    {
        Requirement.Need("etcd", "etcd");
        string before = _machine.Dump();
        _machine.Ok("lab", "up", "--mode", "vxlan", "--source", "etcd", "-n", "2", "-p", "1");
        Assert.Equal(3, Processes());
        _machine.LineOk("$T lab kill-agent node2 2>/dev/null; kill -9 $(ip netns pids router | head -1)");
        _machine.Ok("lab", "down");
        Assert.Equal(0, Processes());
        Assert.Equal(before, _machine.Dump());
        _machine.Ok("lab", "up", "-n", "2", "-p", "1"); // and without agents as ever
        Assert.Equal(0, Processes());
    }

    [Fact]
    public void Up_SourceChanged_AgentsComeAndGoUnderRunningPods()
    {
        _machine.Ok("lab", "up");
        string pods = _machine.LineOk("for p in blue green; do ip netns exec $p stat -L -c %i /proc/self/ns/net; done");
        _machine.Ok("lab", "up", "--source", "file");
        Assert.Equal(3, Processes());
        _machine.Ok("lab", "pingall");
        _machine.Ok("lab", "up", "--source", "none");
        Assert.Equal(0, Processes());
        _machine.Ok("lab", "pingall");
        Assert.Equal(pods, _machine.LineOk("for p in blue green; do ip netns exec $p stat -L -c %i /proc/self/ns/net; done"));
        ChildProcess.Outcome refused = _machine.Run("lab", "up", "--mode", "auto");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("two LANs", refused.ErrorText, StringComparison.Ordinal);
        Assert.Equal(2, _machine.Run("lab", "up", "--mode", "vxlan", "--source", "none").ExitCode);
    }

    /// <summary>Lines of all nodes' routes with these words.</summary>
    private int Count(string words) => int.Parse(_machine.LineOk($"for n in node1 node2 node3; do ip -n $n route; done | grep -c '{words}' || true").Trim(), CultureInfo.InvariantCulture);

    /// <summary>Agents, and a store: by their files, which are this machine's own.</summary>
    private int Processes() => int.Parse(_machine.LineOk("n=0; for p in /proc/[0-9]*; do [ \"$(readlink $p/ns/mnt)\" = \"$(readlink /proc/self/ns/mnt)\" ] && tr '\\0' ' ' <$p/cmdline | grep -q '[/]run/twill-lab/' && n=$((n + 1)); done 2>/dev/null; echo $n").Trim(), CultureInfo.InvariantCulture);
}
