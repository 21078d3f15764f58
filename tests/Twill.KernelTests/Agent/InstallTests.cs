using Twill.KernelTests.Harness;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>Coming to a node and leaving it. The directories it writes to are the test's own: a mount namespace with empty ones over them.</summary>
[Collection(KernelCollection.Name)]
public sealed class InstallTests : IClassFixture<LeakCheck>
{
    private const string OwnDirectories = "set -e; for d in /etc/cni /opt /usr/local/bin /etc/systemd /etc/iproute2 /var/lib; do mkdir -p $d; mount -t tmpfs none $d; done; ";

    [Fact]
    public void Uninstall_AfterAgentAndPod_LeavesTheNodeAsItWas()
    {
        using var net = new AgentNet([1, 2]);
        net.Tell(1, 2);
        AgentNode one = net.Nodes[0];
        string before = Dump(one);
        string script = OwnDirectories
            + $"T='{Artifacts.Twill}'; A=\"--node node1 --source file:{net.NodesPath} --socket {one.SocketPath}\"; "
            + "$T install $A; test \"$(stat -c %a /opt/cni/bin/twill)\" = 755; test \"$(stat -c %s /opt/cni/bin/twill)\" -lt 6000000; cmp \"$T\" /usr/local/bin/twill; grep -q 'twill agent --node node1' /etc/systemd/system/twill.service; grep -q '^77' /etc/iproute2/rt_protos.d/twill.conf; "
            + "cmp /opt/cni/bin/twill /opt/cni/bin/loopback; CNI_COMMAND=VERSION /opt/cni/bin/twill </dev/null | grep -q 1.1.0; /usr/local/bin/twill agent $A & P=$!; "
            + "for i in $(seq 200); do test -e /etc/cni/net.d/05-twill.conflist && break; sleep 0.05; done; cat /etc/cni/net.d/05-twill.conflist >/dev/null; "
            + "ip route | grep -q 'proto twill'; "
            + "if $T uninstall; then echo uninstalled under a running agent; exit 9; fi; "
            + "kill -9 $P; wait $P || true; "
            + "ip link add twill0x type bridge; " // somebody else's: stays
            + "$T uninstall --dry-run; ip link show twill-vx >/dev/null; "
            + "ip link del twill0x; "
            + "$T uninstall; "
            + "find /etc/cni /opt /usr/local/bin /etc/systemd /etc/iproute2 /var/lib -type f";
        ChildProcess.Outcome outcome = Run(one, script);
        Assert.True(outcome.ExitCode == 0, $"{outcome.ExitCode}: {outcome.OutputText}{outcome.ErrorText}");
        Assert.Contains("equal those taken before", outcome.OutputText, StringComparison.Ordinal);
        Assert.Contains("stop it first", outcome.ErrorText, StringComparison.Ordinal);
        Assert.DoesNotContain("twill0x", outcome.OutputText, StringComparison.Ordinal);
        Assert.EndsWith("lines)\n", outcome.OutputText, StringComparison.Ordinal); // no file is left
        Assert.Equal(before, Dump(one));
    }

    [Fact]
    public void Uninstall_ForeignRouteSince_IsToldAndStays()
    {
        using var net = new AgentNet([1, 2]);
        net.Tell(1, 2);
        AgentNode one = net.Nodes[0];
        ChildProcess.Outcome outcome = Run(one, OwnDirectories + $"'{Artifacts.Twill}' install --node node1 --source file:{net.NodesPath}; ip route add 10.99.0.0/16 via 192.168.1.1; '{Artifacts.Twill}' uninstall");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("+ route 10.99.0.0/16 via 192.168.1.1", outcome.ErrorText, StringComparison.Ordinal);
        Assert.Contains("10.99.0.0/16", one.Ip("route"), StringComparison.Ordinal);
    }

    /// <summary>As many tables, chains and rules as before, and not the same: counts alone would not tell.</summary>
    [Theory]
    [InlineData("nft flush chain inet firewall input; nft add rule inet firewall input counter packets 9 bytes 99 tcp dport 22 accept", null)]
    [InlineData("nft flush chain inet firewall input; nft add rule inet firewall input counter tcp dport 23 accept", "- nft rule inet firewall input 1:")]
    [InlineData("nft flush set inet firewall admins; nft add element inet firewall admins '{ 10.0.0.9 }'", "+ add element inet firewall admins { 10.0.0.9 }")]
    public void Uninstall_ForeignNftables_AreComparedByContent(string meanwhile, string? told)
    {
        using var net = new AgentNet([1]);
        net.Tell(1);
        ChildProcess.Outcome outcome = Run(net.Nodes[0], OwnDirectories
            + "nft add table inet firewall; nft add chain inet firewall input '{ type filter hook input priority 0; }'; nft add rule inet firewall input counter tcp dport 22 accept; "
            + "nft add set inet firewall admins '{ type ipv4_addr; }'; nft add element inet firewall admins '{ 10.0.0.7 }'; "
            + $"'{Artifacts.Twill}' install --node node1 --source file:{net.NodesPath}; {meanwhile}; '{Artifacts.Twill}' uninstall");
        Assert.True(outcome.ExitCode == (told is null ? 0 : 1), $"{outcome.ExitCode}: {outcome.OutputText}{outcome.ErrorText}");
        Assert.Contains(told ?? "", outcome.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_AnotherNetworkFirst_IsRefusedWithTheFix()
    {
        using var net = new AgentNet([1]);
        net.Tell(1);
        ChildProcess.Outcome outcome = Run(net.Nodes[0], OwnDirectories + $"mkdir -p /etc/cni/net.d; echo '{{}}' >/etc/cni/net.d/00-other.conf; '{Artifacts.Twill}' join file:{net.NodesPath} --node node1");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("00-other.conf sorts before 05-twill.conflist", outcome.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void DoctorFix_OtherConfigurationAndForwarding_MendsAndCanBeUndone()
    {
        using var net = new AgentNet([1]);
        net.Tell(1);
        AgentNode one = net.StartAll().Nodes[0];
        one.AddPod();
        one.Stop();
        string script = OwnDirectories
            + "mkdir -p /etc/cni/net.d; echo '{}' >/etc/cni/net.d/00-other.conf; echo '{}' >/etc/cni/net.d/05-twill.conflist; echo 0 >/proc/sys/net/ipv4/ip_forward; "
            + $"T='{Artifacts.Twill} doctor --socket {one.SocketPath}'; $T -o json | grep -A4 TWD006 | grep -q error; "
            + "$T --fix TWD016 --fix TWD006 >/dev/null || true; test -e /etc/cni/net.d/00-other.conf.off; test \"$(cat /proc/sys/net/ipv4/ip_forward)\" = 1; "
            + "sh /var/lib/twill/undo.sh; test -e /etc/cni/net.d/00-other.conf; test \"$(cat /proc/sys/net/ipv4/ip_forward)\" = 0; echo mended";
        ChildProcess.Outcome outcome = Run(one, script);
        Assert.True(outcome.OutputText.EndsWith("mended\n", StringComparison.Ordinal), $"{outcome.ExitCode}: {outcome.OutputText}{outcome.ErrorText}");
    }

    private static ChildProcess.Outcome Run(AgentNode node, string script) => Command.RunIn(node.Node.Namespace, Command.Find("unshare"), ["-m", "/bin/sh", "-c", script]);

    private static string Dump(AgentNode node)
        => string.Join('\n', new[] { "-d link", "addr", "route show table all", "-6 route show table all", "rule", "netconf" }.Select(node.Ip)) + Command.RunIn(node.Node.Namespace, Command.Find("nft"), ["list", "ruleset"]).Succeeded()
            + node.Node.Namespace.Run(() => $"{Sysctl.Read("net/ipv4/ip_forward")} {Sysctl.Read("net/ipv6/conf/all/forwarding")}");
}
