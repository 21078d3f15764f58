using Twill.KernelTests.Callers;
using Xunit;

namespace Twill.KernelTests.Lab;

/// <summary>What `twill routes --for` prints is all that a real router needs: ip, FRR and BIRD each get it, and every packet arrives.</summary>
public sealed class LabRouterTests : IDisposable
{
    /// <summary>Programs in the router's namespace, with files below /run/router; each ends with the machine.</summary>
    private static readonly Dictionary<string, string> s_start = new()
    {
        ["ip"] = "ip netns exec router sh -e lines",
        ["bird"] = """
            { echo 'router id 192.168.1.1; protocol device {} protocol kernel { ipv4 { export all; }; } protocol kernel { ipv6 { export all; }; }'; cat lines; } > bird.conf
            ip netns exec router bird -c /run/router/bird.conf -s /run/router/bird.ctl -P /run/router/bird.pid
            """,
        ["frr"] = """
            chown frr:frr . ; : > zebra.conf
            D="-d -u frr -g frr -z /run/router/zserv --vty_socket /run/router -P 0"
            ip netns exec router /usr/lib/frr/zebra $D -f /run/router/zebra.conf -i /run/router/zebra.pid 2>/dev/null
            ip netns exec router /usr/lib/frr/staticd $D -f /run/router/lines -i /run/router/staticd.pid
            """,
    };

    private readonly LabMachine _machine = new();

    public void Dispose()
    {
        _machine.Line("cd /run/router && for p in *.pid; do kill $(cat $p); done");
        _machine.Dispose();
    }

    [Theory]
    [InlineData("ip")]
    [InlineData("bird")]
    [InlineData("frr")]
    public void Routes_ForTheRouter_AreAllItNeeds(string language)
    {
        if (language != "ip") Requirement.Need("routers", "bird", "/usr/lib/frr/staticd");
        _machine.Ok("lab", "up", "-p", "1", "--mode", "router", "--source", "file", "--dual");
        _machine.Ok("lab", "expose", "web", "--pods", "red,green", "--load-balancer");
        string before = Routes();
        Assert.Contains("10.244.2.0/24 via 192.168.1.12", before, StringComparison.Ordinal);
        _machine.LineOk("ip -n router route flush proto 77 root 10.244.0.0/16; ip -n router -6 route flush proto 77 root fd00:10:244::/48");
        Assert.Equal(1, _machine.Run("lab", "pingall").ExitCode); // without them nobody arrives
        _machine.LineOk($"mkdir /run/router; cd /run/router; TWILL_SOCKET=/run/twill-lab/node1.sock ip netns exec node1 $T routes --for {language} > lines; {s_start[language]}");
        _machine.LineOk("for i in $(seq 100); do [ $(ip -n router -6 route | grep -c 'fd00:10:244:') = 3 ] && [ $(ip -n router route | grep -c '10.244.') = 3 ] && exit 0; sleep 0.05; done; ip -n router route; ip -n router -6 route; exit 1");
        Assert.Equal(before, Routes());
        Assert.Matches(@"192\.168\.1\.240(?s:.*)nexthop via 192\.168\.1\.1[123](?s:.*)nexthop via 192\.168\.1\.1[123]", _machine.LineOk("ip -n router route"));
        _machine.Ok("lab", "pingall");
        _machine.Ok("lab", "pingall", "--ipv6");
        _machine.Ok("ping", "internet", "svc/web", "-c", "4");
    }

    /// <summary>To the pods, without who said so.</summary>
    private string Routes() => _machine.LineOk("{ ip -n router route; ip -n router -6 route; } | grep -oE '^(10.244|fd00:10:244)[^ ]* (via|nhid [0-9]+ via) [^ ]+' | sed 's/nhid [0-9]* //' | sort");
}
