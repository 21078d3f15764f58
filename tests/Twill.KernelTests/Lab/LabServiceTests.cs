using System.Text.Json;
using Twill.KernelTests.Callers;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Lab;

/// <summary>Services of a lab: real connections say who answers, and connection tracking what was translated on the way.</summary>
public sealed class LabServiceTests : IDisposable
{
    private const string Expose = "web --pods blue,green --node-port --load-balancer";

    private readonly LabMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    /// <summary>The lecture's last two problems: pod to service, internet to service.</summary>
    [Fact]
    public void Expose_WithoutAgents_EverybodyReachesItAndSourcesAreKeptInside()
    {
        string before = _machine.Dump();
        _machine.Ok("lab", "up", "-n", "2", "-p", "2", "--dual");
        string said = _machine.LineOk($"$T lab expose {Expose} 2>&1");
        Assert.Contains("service web: 10.96.0.1:80, [fd00:10:96::1]:80, 192.168.1.240:80 on the LAN, [fd00:192:168:1::240]:80 on the LAN, port 30080 of every node, answered by blue, green; done", said, StringComparison.Ordinal);
        Assert.Equal("", _machine.LineOk($"$T lab expose {Expose} --dry-run"));
        _machine.Ok("lab", "status");
        _machine.LineOk("for i in $(seq 60); do [ -z \"$(for n in router node1 node2 blue green grey; do ip -n $n -6 addr show tentative; done)\" ] && break; sleep 0.1; done");

        // From a pod that is behind it: another one sees the pod itself, and when it gets itself, its gateway.
        foreach (JsonElement call in Calls("blue", "svc/web:80", "--tcp"))
        {
            bool itself = Text(call, "endpoint") == "blue";
            Assert.Equal(("node1", "10.244.1.2", itself ? "10.244.1.1" : "10.244.1.2"), (Text(call, "translatedBy"), Text(call, "source"), Text(call, "seenAs")));
        }

        Assert.All(Calls("grey", "svc/web", "-6"), c => Assert.Equal("fd00:10:244:2::3", Text(c, "seenAs")));
        Assert.All(Calls("node2", "svc/web"), c => Assert.Equal("192.168.1.12", Text(c, "seenAs")));

        // From outside: to the address on the LAN, and to a node that may have no pod of it.
        Assert.All(Calls("internet", "svc/web"), c => Assert.Equal(("node1", "8.8.8.8", Text(c, "endpoint") == "blue" ? "10.244.1.1" : "192.168.1.11"), (Text(c, "translatedBy"), Text(c, "source"), Text(c, "seenAs"))));
        Assert.All(Calls("internet", "node2:30080"), c => Assert.Equal(("node2", Text(c, "endpoint") == "green" ? "10.244.2.1" : "192.168.1.12"), (Text(c, "translatedBy"), Text(c, "seenAs"))));

        // What the server itself says it was asked by; connection tracking is not its only witness.
        Assert.Matches("^web of pod (blue|green), asked by 10.244.2.3$", Get("grey", "10.96.0.1:80"));

        // Between pods nothing is translated, with the table there.
        _machine.Ok("lab", "pingall");
        _machine.Ok("trace", "red", "grey", "--reply");
        _machine.Ok("lab", "down");
        Assert.Equal(before, _machine.Dump());
    }

    [Fact]
    public void Expose_BrokenByHand_StatusNamesItAndFixMendsIt()
    {
        _machine.Ok("lab", "up", "-n", "1", "-p", "3");
        _machine.Ok("lab", "expose", "web", "--pods", "blue,red");
        Assert.Contains("service web has port 80, and nobody answers at port 81 of its address", _machine.Run("ping", "red", "svc/web:81", "-c", "1").OutputText, StringComparison.Ordinal);
        foreach ((string line, string fault) in ((string, string)[])
        [
            ("ip netns exec node1 nft flush chain inet twill-services services", "node1 does not know the services"),
            ("ip netns exec node1 nft delete table inet twill-services", "node1 does not know the services"),
            ("ip netns exec node1 nft flush map inet twill-services services4", "1 elements are missing in table inet twill-services"),
            ("ip -n node1 link set v-net-0 type bridge nf_call_iptables 0", "does not let nftables see"),
            ("bridge -n node1 link set dev twaznip0af40102 hairpin off", "cannot reach themselves through a service"),
            ("ip -n router link property del dev lo altname twill-lab:pods:web:blue,red", "does not know the services as they are"),
        ])
        {
            _machine.LineOk(line);
            ChildProcess.Outcome status = _machine.Run("lab", "status");
            Assert.True(status.ExitCode == 1 && status.ErrorText.Contains(fault, StringComparison.Ordinal), $"{line}: {status.ExitCode} {status.ErrorText}");
            _machine.Ok("lab", "fix");
            _machine.Ok("lab", "status");
        }

        // The last one told the lab that the service has no pods: refused at once, not timed out.
        ChildProcess.Outcome ping = _machine.Run("ping", "red", "svc/web", "-c", "1");
        Assert.Equal(1, ping.ExitCode);
        Assert.Contains("refused (ECONNREFUSED)", ping.OutputText, StringComparison.Ordinal);
        Assert.Contains("service web has no pods", ping.OutputText, StringComparison.Ordinal);
    }

    /// <summary>The agents write the tables; the lab tells their source alone.</summary>
    [Theory]
    [InlineData("file")]
    [InlineData("etcd")]
    public void Expose_WithAgents_FollowsPodsAndGoes(string source)
    {
        if (source == "etcd") Requirement.Need("etcd", "etcd");
        _machine.Ok("lab", "up", "-p", "1", "--mode", "auto", "--source", source);
        _machine.LineOk($"$T lab expose web --pods blue,green --node-port --load-balancer");
        Assert.Equal("", _machine.LineOk($"$T lab expose web --pods blue,green --node-port --load-balancer --dry-run"));
        Assert.All(Calls("green", "svc/web"), c => Assert.Equal("node3", Text(c, "translatedBy")));
        Assert.NotEmpty(Calls("internet", "svc/web"));
        AssertIsAnnounced(source);

        // The agent says why each endpoint is used; without it the kernel still tells what it does.
        Assert.Matches("10.244.3.2 port 80 +node3 +- +used", _machine.LineOk("TWILL_SOCKET=/run/twill-lab/node1.sock ip netns exec node1 $T service show lab/web"));
        Assert.Contains("10.244.3.2:80", _machine.LineOk("ip netns exec node1 $T service show web 2>&1"), StringComparison.Ordinal);
        _machine.LineOk("ip netns exec node1 $T services -o json");

        _machine.Ok("lab", "remove-pod", "blue");
        Assert.All(Calls("red", "svc/web"), c => Assert.Equal("green", Text(c, "endpoint")));
        _machine.LineOk("ip netns exec node2 nft flush ruleset; $T lab fix"); // the agent alone mends it, or the lab finds it whole
        Assert.All(Calls("red", "svc/web"), c => Assert.Equal("green", Text(c, "endpoint")));
        _machine.Ok("lab", "unexpose", "web");
        Assert.Equal(1, _machine.Run("ping", "red", "10.96.0.1:80", "-c", "1").ExitCode);
        Assert.Equal("", _machine.LineOk("$T lab up --dry-run"));
    }

    /// <summary>By one node of the LAN; where agents agree, by another when that one's agent dies.</summary>
    private void AssertIsAnnounced(string source)
    {
        string holder = Assert.Single(Holders());
        Assert.NotEqual("node3", holder); // is on another LAN
        if (source == "file") Assert.Equal("node1", holder);
        Assert.Equal("", _machine.LineOk("ip -n router route show 192.168.1.240"));
        _machine.Ok("trace", "internet", "svc/web", "--reply");
        _machine.Ok("lab", "kill-agent", holder);
        string[] others = [];
        Assert.True(SpinWait.SpinUntil(() => (others = Holders()).Length == (source == "file" ? 0 : 1) && !others.Contains(holder), 10_000), $"{holder} had it, now {string.Join(", ", others)}");
        if (source == "etcd") Assert.All(Calls("internet", "svc/web"), c => Assert.Equal(others[0], Text(c, "translatedBy")));
        else Assert.Equal(1, _machine.Line("ip -n router neigh flush to 192.168.1.240; $T ping internet svc/web -c 1").ExitCode); // who has forgotten where it was finds nobody
        _machine.Ok("lab", "fix");
        Assert.NotEmpty(Calls("internet", "svc/web"));
    }

    private string[] Holders() => [.. ((string[])["node1", "node2", "node3"]).Where(n => _machine.LineOk($"ip -n {n} addr show deprecated to 192.168.1.240").Length > 0)];

    /// <summary>A script of ip, bridge and nft alone does the same; the lab finds nothing to mend.</summary>
    [Fact]
    public void Expose_How_DoesWhatTheCommandDoes()
    {
        _machine.Ok("lab", "up", "-n", "2", "-p", "1", "--dual");
        foreach (string change in (string[])
        [
            "expose web --pods blue,red --port 8000 --target-port 8080 --node-port --load-balancer", "expose shop --pods red --port 8000 --target-port 8080",
            "expose web --pods red --port 8000 --target-port 8080", "remove-pod blue", "unexpose shop", "unexpose web",
        ])
        {
            _machine.LineOk($"$T lab {change} --how > /run/change.sh && sh -e /run/change.sh && rm /run/change.sh");
            ChildProcess.Outcome fix = _machine.Run("lab", "fix");
            Assert.True(fix.ErrorText.Contains("nothing is broken", StringComparison.Ordinal), $"{change}: {fix.ErrorText}");
        }

        Assert.Equal("", _machine.LineOk("ip netns exec node2 nft list tables | grep services || true"));
    }

    /// <summary>Whichever pod was chosen, the packet and its answer go as the walk says: routed, bridged at once, or back where it came from.</summary>
    [Fact]
    public void Trace_ToAService_GoesAsPredictedWhoeverIsChosen()
    {
        _machine.Ok("lab", "up", "-n", "2", "-p", "2", "--dual");
        _machine.Ok("lab", "expose", "web", "--pods", "blue,red,green", "--node-port", "--load-balancer");
        _machine.LineOk("for i in $(seq 60); do [ -z \"$(for n in router internet node1 node2 blue red green grey; do ip -n $n -6 addr show tentative; done)\" ] && break; sleep 0.1; done");
        Assert.Equal("", _machine.LineOk("""
            try() { { o=$($T trace "$@" --reply 2>&1) || echo "$@" "$o"; } & }
            for i in 1 2 3; do try blue svc/web; try grey svc/web -6; try node2 svc/web; try internet svc/web; try internet node2:30080; wait; done
            """));
        _machine.LineOk("for p in blue red green; do $T lab remove-pod $p; done");
        ChildProcess.Outcome why = _machine.Run("why", "grey", "svc/web");
        Assert.Equal(1, why.ExitCode);
        Assert.Contains("10.96.0.1 is a service's, and for port 80 there is no pod that node2 could send it to: it refuses it", why.OutputText, StringComparison.Ordinal);
    }

    private IEnumerable<JsonElement> Calls(string from, string to, params string[] more)
    {
        using JsonDocument report = JsonDocument.Parse(_machine.Ok(["ping", from, to, .. more, "-c", "4", "-o", "json"]));
        Assert.Equal(4, report.RootElement.GetProperty("back").GetInt32());
        return [.. report.RootElement.Clone().GetProperty("results").EnumerateArray()];
    }

    private static string Text(JsonElement call, string field) => call.GetProperty(field).GetString() ?? "";

    private string Get(string pod, string address)
        => _machine.LineOk($"ip netns exec {pod} bash -c 'exec 3<>/dev/tcp/{address.Replace(':', '/')}; printf \"GET / HTTP/1.0\\r\\n\\r\\n\" >&3; tail -n 1 <&3'").Trim();
}
