using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Lab;

/// <summary>The printed script alone, run by sh, builds the network that twill builds; other programs say whether it is the same.</summary>
public sealed class LabHowTests
{
    /// <summary>Everything that ip, nft and sysctl tell of every namespace, less what must differ: indexes, timers, and what the kernel counts.</summary>
    private const string Snapshot = """
        for n in $(ls /run/netns); do
            echo "== $n"
            ip -n $n -d -o link | sed -E 's/^[0-9]+: //; s/@if[0-9]+//; s/link-netnsid [0-9]+//; s/(hello|topology_change|tcn|gc|forward_delay|message_age|hold)_timer +[0-9.]+//g; s/num[tr]xqueues [0-9]+//g; s/port_(id|no) [0-9a-fx]+//g; s/(designated|root)_port [0-9]+//g' | sort
            ip -n $n -o addr | grep -v fe80 | sed -E 's/^[0-9]+: //' | sort
            ip -n $n route | sort; ip -n $n -6 route | grep -v -e fe80 -e ff00 | sort
            ip netns exec $n nft list ruleset
            ip netns exec $n sh -c 'cd /proc/sys/net && grep -r . ipv4/ip_forward ipv4/conf/*/send_redirects ipv6/conf/*/forwarding ipv6/conf/*/accept_ra ipv6/conf/*/autoconf' | sort
        done
        """;

    [Theory]
    [InlineData("")]
    [InlineData("--ipv6")]
    [InlineData("--dual")]
    [InlineData("--mode router")]
    [InlineData("--mode router --ipv6")]
    [InlineData("--mode router --dual")]
    [InlineData("--empty")]
    [InlineData("-f /run/lab.json")]
    public void How_RunByTheShell_BuildsTheSameNetwork(string options)
    {
        const string File = """{ "mode": "router", "families": "dual", "nodes": [ { "name": "node2", "pods": [ { "name": "shop", "containers": ["web", "probe"] } ] }, { "index": 5, "pods": 1 } ] }""";
        string line = $"lab up {(options.StartsWith("-f", StringComparison.Ordinal) ? "" : "-n 2 -p 2")} {options}";
        using var ours = new LabMachine();
        using var byHand = new LabMachine();
        foreach (LabMachine machine in (LabMachine[])[ours, byHand]) machine.LineOk($"cat > /run/lab.json <<'E'\n{File}\nE");
        ours.LineOk($"$T {line}");
        byHand.LineOk($"$T {line} --how > /run/lab.sh && [ ! -e /run/netns ] && sh /run/lab.sh");
        string expected = ours.LineOk(Snapshot);
        Assert.Equal(expected, byHand.LineOk(Snapshot));
        Assert.True(expected.Length > 5000, "the snapshot shows nothing");

        // What differs is seen: one address less.
        byHand.LineOk("ip -n router addr del $(ip -n router -o addr show dev lan scope global | awk '{ print $4; exit }') dev lan");
        Assert.NotEqual(expected, byHand.LineOk(Snapshot));
    }

    [Theory]
    [InlineData("up --mode router", "")]
    [InlineData("up --dual", "")]
    [InlineData("up --ipv6", "up --dual")]
    [InlineData("up --ipv4", "up --mode router --dual")]
    [InlineData("add-node --pods 1", "up")]
    [InlineData("remove-node node1", "up")]
    [InlineData("add-pod web2 --node node2", "up")]
    [InlineData("remove-pod blue", "up --ipv6")]
    public void How_OfAChange_DoesWhatTheCommandDoes(string change, string before)
    {
        string start = before.Length == 0 ? "up" : before;
        using var ours = new LabMachine();
        using var byHand = new LabMachine();
        foreach (LabMachine machine in (LabMachine[])[ours, byHand]) machine.LineOk($"$T lab {start} -n 2 -p 2");

        // `up --how` tells the whole lab; its change is what --dry-run shows.
        string show = change.StartsWith("up", StringComparison.Ordinal) ? "--dry-run | sed 's/^[+-] //'" : "--how";
        byHand.LineOk($"$T lab {change} {show} > /run/change.sh && sh -e /run/change.sh");
        ours.LineOk($"$T lab {change}");
        ours.Ok("lab", "pingall");
        byHand.Ok("lab", "pingall");
        Assert.Contains("nothing is broken", byHand.Run("lab", "fix").ErrorText, StringComparison.Ordinal);
        Assert.Equal(Roughly(ours), Roughly(byHand));
    }

    [Fact]
    public void How_IsForEverybody_AndWritesNothing()
    {
        using var machine = new LabMachine();
        string before = machine.Dump();
        string copy = $"/run/twill-{Guid.NewGuid():N}";
        machine.LineOk($"cp $T {copy} && chmod 755 {copy}");
        ChildProcess.Outcome outcome = machine.Line($"setpriv --reuid=65534 --regid=65534 --clear-groups {copy} lab up --how; rm {copy}");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("ip netns add node3", outcome.OutputText, StringComparison.Ordinal);
        Assert.Equal(before, machine.Dump());
    }

    /// <summary>Without the port's order and the hint on the bridge, which tell the past.</summary>
    private static string Roughly(LabMachine machine) => machine.LineOk(Snapshot + " | sed -E 's/ last=[0-9a-f.:]+//; s/rule .*handle.*//' | grep -v -e '^ipv[46]/'");
}
