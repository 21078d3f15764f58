using System.Text.Json;
using Twill.KernelTests.Lab;
using Twill.Linux.Sys;
using Twill.Tests.Cli;
using Xunit;

namespace Twill.KernelTests.Trace;

/// <summary>The published executable predicts, sends and watches, in labs that are whole and in labs that are not.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly LabMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    /// <summary>Exit 0 says: it arrives, the answer too, and all that was predicted was seen, no more and no less.</summary>
    [Theory]
    [InlineData("--mode", "direct", "--dual")]
    [InlineData("--mode", "router")]
    public void Trace_EveryPair_SeenAsPredicted(params string[] options)
    {
        _machine.Ok(["lab", "up", .. options]);

        // Until its link-local address is proven unique, an interface asks for no IPv6 neighbour.
        string v6 = !options.Contains("--dual") ? "" : """
            for i in $(seq 60); do [ -z "$(for n in router internet node1 node2 node3 blue red green teal; do ip -n $n -6 addr show tentative; done)" ] && break; sleep 0.1; done
            try blue green -6; try red internet -6; try node1 teal -6
            """;

        string wrong = _machine.LineOk($$"""
            try() { { o=$($T trace "$@" 2>&1) || echo "$@" "$o"; } & }
            for a in blue red green grey pink teal; do for b in blue red green grey pink teal; do try $a $b --reply; done; try $a internet; done
            for n in node1 node3; do try $n blue; try $n node2; done
            try blue green --tcp 80 --reply; try blue green --udp 53; try blue internet --tcp 443; try teal red --size 1500; try internet node2
            {{v6}}
            wait
            """);
        Assert.Equal("", wrong);
    }

    [Fact]
    public void Why_EveryBreakOfTheLabOnBothEnds_NamesItAndTheLabMendsIt()
    {
        var wrong = new List<string>();
        foreach (string mode in (string[])["direct", "router"])
        {
            _machine.Ok("lab", "up", "-n", "2", "-p", "2", "--mode", mode);
            foreach ((string what, string kind) in ((string, string)[])[("route", "noRoute"), ("bridge", "bridgeDown"), ("veth", "notInBridge"), ("arp", "wrongNeighbour"), ("mtu", "tooBig"), ("forward", "notForwarding"), ("masquerade", "notMasqueraded")])
            {
                if (mode == "router" && what != "route") continue; // the rest is as in the other mode
                foreach ((string node, string pod) in ((string, string)[])[("node1", "blue"), ("node2", "green")])
                {
                    string where = what == "arp" ? pod : mode == "router" ? "router" : node, ends = what == "masquerade" ? $"{pod} internet" : "blue green";
                    ChildProcess.Outcome why = _machine.Line($"$T lab break {what} {node} >/dev/null 2>&1 && $T why {ends} -o json; e=$?; $T lab fix >/dev/null 2>&1; exit $e");
                    Judge($"break {what} {node} ({mode})", why, kind, where, wrong);
                    if (!why.OutputText.Contains("\"labMends\": true", StringComparison.Ordinal)) wrong.Add($"break {what} {node}: `twill lab fix` is not offered");
                }
            }

            _machine.Ok("why", "blue", "green");
        }

        Assert.Equal("", string.Join("\n", wrong));
    }

    /// <summary>Harm, its cure, whom it stops; what the cause must be, and where.</summary>
    [Fact]
    public void Why_BrokenByHand_NamesItAndSawItWhereItWasPredicted()
    {
        _machine.Ok("lab", "up", "-n", "2", "-p", "2");
        _machine.Ok("trace", "blue", "green");
        string v = _machine.LineOk("ip -n node2 -o link show master v-net-0 | sed -n 's/^[0-9]*: \\([^@]*\\)@.*/\\1/p' | head -1").Trim(); // green's cable
        (string Harm, string Cure, string Ends, string Kind, string Where)[] breaks =
        [
            ("ip -n blue route del default", "ip -n blue route add default via 10.244.1.1", "blue green", "noRoute", "blue"),
            ("ip -n node1 route replace 10.244.2.0/24 via 192.168.1.99 dev eth0 proto 77", "ip -n node1 route replace 10.244.2.0/24 via 192.168.1.12 dev eth0 proto 77", "blue green", "wrongGateway", "node1"),
            ($"ip -n node2 link set {v} down", $"ip -n node2 link set {v} up", "blue green", "linkDown", "node2"),
            ("ip -n green link set eth0 down", "ip -n green link set eth0 up; ip -n green route replace default via 10.244.2.1", "blue green", "linkDown", "green"),
            ("ip -n node2 neigh replace 10.244.2.2 lladdr 02:00:00:00:00:99 dev v-net-0 nud permanent", "ip -n node2 neigh del 10.244.2.2 dev v-net-0", "blue green", "wrongNeighbour", "node2"),
            ("ip netns exec node2 sysctl -qw net.ipv4.conf.eth0.rp_filter=1; ip -n node2 route replace 10.244.1.0/24 dev v-net-0", "ip netns exec node2 sysctl -qw net.ipv4.conf.eth0.rp_filter=0; ip -n node2 route del 10.244.1.0/24 dev v-net-0; ip -n node2 route replace 10.244.1.0/24 via 192.168.1.11 dev eth0 proto 77", "blue green", "reversePathFilter", "node2"),
            ("ip netns exec node2 nft 'add table inet f; add chain inet f w { type filter hook forward priority 0; }; add rule inet f w ip saddr 10.244.1.0/24 drop comment \"no\"'", "ip netns exec node2 nft delete table inet f", "blue green", "nftDrop", "node2"),
            ("ip netns exec node1 nft 'add table ip f; add set ip f s { type ipv4_addr . inet_proto; }; add element ip f s { 10.244.2.2 . icmp }; add chain ip f w { type filter hook forward priority 0; policy drop; }; add rule ip f w ip daddr . ip protocol != @s accept'", "ip netns exec node1 nft delete table ip f", "blue green", "nftDrop", "node1"),
        ];
        var wrong = new List<string>();
        foreach ((string harm, string cure, string ends, string kind, string where) in breaks)
        {
            _machine.LineOk(harm);
            ChildProcess.Outcome why = _machine.Line($"$T why {ends} -o json");
            Judge(harm, why, kind, where, wrong);
            _machine.LineOk(cure);
        }

        _machine.Ok("why", "blue", "green");
        Assert.Equal("", string.Join("\n", wrong));
    }

    private static void Judge(string harm, ChildProcess.Outcome why, string kind, string where, List<string> wrong)
    {
        if (why.ExitCode != 1)
        {
            wrong.Add($"{harm}: exit {why.ExitCode} {why.OutputText} {why.ErrorText}");
            return;
        }

        SchemaAssert.Valid("why/v1", why.OutputText);
        using var json = JsonDocument.Parse(why.OutputText);
        JsonElement cause = json.RootElement.GetProperty("cause"), trace = json.RootElement.GetProperty("trace");
        if (cause.GetProperty("kind").GetString() != kind || cause.GetProperty("where").GetString() != where) wrong.Add($"{harm}: {cause}");
        if (!trace.GetProperty("agrees").GetBoolean()) wrong.Add($"{harm}: {trace.GetProperty("differences")}");
        if (cause.GetProperty("fix").GetArrayLength() == 0) wrong.Add($"{harm}: no fix");
    }

    /// <summary>The control: a drop where the walk does not look must be seen as a difference.</summary>
    [Fact]
    public void Trace_DropThatTheWalkDoesNotKnow_ComplainsAndSaysWhatTheKernelSays()
    {
        _machine.Ok("lab", "up", "-n", "2", "-p", "1");
        _machine.LineOk("ip netns exec node2 nft 'add table netdev f; add chain netdev f in { type filter hook ingress device eth0 priority 0; }; add rule netdev f in ip daddr 10.244.2.2 drop'");
        ChildProcess.Outcome trace = _machine.Run("trace", "blue", "red"), why = _machine.Run("why", "blue", "red");
        Assert.Equal((1, 1), (trace.ExitCode, why.ExitCode));
        Assert.Contains("though it should", trace.OutputText, StringComparison.Ordinal);
        Assert.Contains("prediction and observation differ", trace.OutputText, StringComparison.Ordinal);
        Assert.Contains("NETFILTER_DROP", trace.OutputText, StringComparison.Ordinal);
        Assert.Contains("the packet is lost after node2 eth0", why.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public void Trace_RuleDrops_IsNamedByTheKernelItselfAndNothingIsLeftBehind()
    {
        _machine.Ok("lab", "up", "-n", "2", "-p", "1");
        _machine.LineOk("ip netns exec node2 nft 'add table inet f; add chain inet f w { type filter hook forward priority 0; }; add rule inet f w tcp dport 80 drop comment \"no web\"'");
        string before = _machine.LineOk("for n in node1 node2 router; do ip netns exec $n nft list ruleset; ip -n $n link; done");
        ChildProcess.Outcome trace = _machine.Run("trace", "blue", "red", "--tcp", "80", "-o", "json");
        SchemaAssert.Valid("trace/v1", trace.OutputText);
        using var json = JsonDocument.Parse(trace.OutputText);
        JsonElement root = json.RootElement;
        Assert.Equal(("twill.dev/trace/v1", 1), (root.GetProperty("schema").GetString(), trace.ExitCode));
        Assert.StartsWith("node2: inet f w, rule handle", root.GetProperty("ruleDrops")[0].GetString(), StringComparison.Ordinal);
        Assert.Contains("NETFILTER_DROP", root.GetProperty("dropReasons").EnumerateArray().Select(r => r.GetString()));
        Assert.True(root.GetProperty("agrees").GetBoolean());
        Assert.Contains("nobody listens on tcp port 81 there", _machine.Ok("trace", "blue", "red", "--tcp", "81"), StringComparison.Ordinal);
        Assert.Equal(before, _machine.LineOk("for n in node1 node2 router; do ip netns exec $n nft list ruleset; ip -n $n link; done"));
    }

    [Fact]
    public void Ping_ThereAndNotThere_TellsWayPartsAndLoss()
    {
        _machine.Ok("lab", "up", "-n", "2", "-p", "1");
        string pongs = _machine.Ok("ping", "blue", "red", "-c", "3", "-o", "json");
        SchemaAssert.Valid("ping/v1", pongs);
        using var json = JsonDocument.Parse(pongs);
        JsonElement root = json.RootElement;
        Assert.Equal((3, "direct route via node2", "no NAT"), (root.GetProperty("back").GetInt32(), root.GetProperty("path").GetString(), root.GetProperty("nat").GetString()));
        foreach (JsonElement pong in root.GetProperty("pongs").EnumerateArray())
        {
            Assert.Equal(["pod blue", "node1", "wire", "node2", "pod red", "node2", "wire", "node1", "pod blue"], pong.GetProperty("parts").EnumerateArray().Select(p => p.GetProperty("place").GetString()));
            Assert.InRange(pong.GetProperty("parts").EnumerateArray().Sum(p => p.GetProperty("micros").GetDouble()) - pong.GetProperty("micros").GetDouble(), -1, 1);
        }

        Assert.Contains("pong internet (8.8.8.8)", _machine.Ok("lab", "ping", "blue", "internet", "-c", "1"), StringComparison.Ordinal);
        _machine.LineOk("ip -n node2 route del 10.244.1.0/24");
        ChildProcess.Outcome lost = _machine.Run("ping", "blue", "red");
        Assert.Equal(1, lost.ExitCode);
        Assert.Contains("2 sent, 0 back", lost.OutputText, StringComparison.Ordinal);
        Assert.Contains("twill why blue red", lost.OutputText, StringComparison.Ordinal);
        ChildProcess.Outcome nobody = _machine.Run("trace", "blue", "rad"), address = _machine.Run("why", "blue", "10.244.2.9");
        Assert.Equal((4, 1), (nobody.ExitCode, address.ExitCode));
        Assert.Contains("did you mean \"red\"?", nobody.ErrorText, StringComparison.Ordinal);
        Assert.Contains("no pod has 10.244.2.9; it would be one of node2, which has red 10.244.2.2", address.OutputText, StringComparison.Ordinal);
    }
}
