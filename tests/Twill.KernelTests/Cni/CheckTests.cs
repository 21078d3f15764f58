using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>CHECK (checklist section 5): every thing broken by hand once is found and named, put back it is well, and nothing is ever changed.</summary>
public sealed class CheckTests
{
    private const int Drift = 102;

    [Fact]
    [Trait("cni", "K01")]
    public void PrevResult_Missing_IsCode7()
    {
        using var one = new OnePod(Net.Plain());
        one.Net.Call("CHECK", one.Pod).In(one.Host).FailedBySpec(7);
    }

    /// <param name="where">host or pod: where the commands run.</param>
    /// <param name="breaks">Commands for ip, nft, tc or sysctl, one after another; HOSTEND stands for the host end's name.</param>
    /// <param name="mends">Commands that put it back; empty where only another ADD does.</param>
    /// <param name="word">What the message must name.</param>
    [Theory]
    [Trait("cni", "K02")]
    [Trait("cni", "K04")]
    [InlineData("pod", "ip addr del 10.88.0.2/24 dev eth0", "ip addr add 10.88.0.2/24 dev eth0;ip route add default via 10.88.0.1", "10.88.0.2/24")]
    [InlineData("pod", "ip addr del 10.88.0.2/24 dev eth0;ip addr add 10.88.0.2/25 dev eth0", "ip addr del 10.88.0.2/25 dev eth0;ip addr add 10.88.0.2/24 dev eth0;ip route replace default via 10.88.0.1", "10.88.0.2/24")]
    [InlineData("pod", "ip -6 addr del ADDR6/64 dev eth0", "ip -6 addr add ADDR6/64 dev eth0 nodad", "ADDR6/64")]
    [InlineData("pod", "ip route del default", "ip route add default via 10.88.0.1", "default")]
    [InlineData("pod", "ip -6 route del default", "ip -6 route add default via fd88::1 dev eth0", "default")]
    [InlineData("pod", "ip route replace default via 10.88.0.9", "ip route replace default via 10.88.0.1", "default")]
    [InlineData("pod", "ip link set eth0 down", "ip link set eth0 up;ip route add default via 10.88.0.1;ip -6 addr replace ADDR6/64 dev eth0 nodad;ip -6 route replace default via fd88::1 dev eth0", "eth0")]
    [InlineData("pod", "ip link set eth0 address 0a:00:00:00:00:01", "ip link set eth0 address 0a:58:0a:58:00:02", "0a:00:00:00:00:01")]
    [InlineData("pod", "ip link set eth0 mtu 1600", "ip link set eth0 mtu 1500", "MTU")]
    [InlineData("pod", "ip link set eth0 down;ip link set eth0 name other", "", "eth0")]
    [InlineData("pod", "ip link del eth0", "", "eth0")]
    [InlineData("host", "ip link set HOSTEND down", "ip link set HOSTEND up", "down")]
    [InlineData("host", "ip link set HOSTEND nomaster", "ip link set HOSTEND master twproof0", "twproof0")]
    [InlineData("host", "ip link set HOSTEND address 0a:00:00:00:00:01", "", "0a:00:00:00:00:01")]
    [InlineData("host", "ip link set twproof0 down", "ip link set twproof0 up;ip -6 addr add fd88::1/64 dev twproof0 nodad", "twproof0")]
    [InlineData("host", "ip link set twproof0 address 0a:00:00:00:00:01", "", "0a:00:00:00:00:01")]
    [InlineData("host", "ip link del twproof0", "", "twproof0")]
    [InlineData("host", "ip addr del 10.88.0.1/24 dev twproof0", "ip addr add 10.88.0.1/24 dev twproof0", "10.88.0.1")]
    [InlineData("host", "ip -6 addr del fd88::1/64 dev twproof0", "ip -6 addr add fd88::1/64 dev twproof0 nodad", "fd88::1")]
    [InlineData("host", "sysctl net/ipv4/ip_forward 0", "sysctl net/ipv4/ip_forward 1", "ip_forward")]
    [InlineData("host", "sysctl net/ipv6/conf/all/forwarding 0", "sysctl net/ipv6/conf/all/forwarding 1", "forwarding")]
    [InlineData("host", "nft flush ruleset", "", "masquerade")]
    [InlineData("host", "nft flush chain inet twill postrouting", "", "masquerade")]
    [InlineData("host", "tc qdisc del dev HOSTEND root", "", "HOSTEND")]
    [InlineData("host", "tc qdisc replace dev HOSTEND root tbf rate 1mbit burst 10kb latency 25ms", "", "HOSTEND")]
    [InlineData("host", "tc qdisc del dev HOSTEND ingress", "", "HOSTEND")]
    [InlineData("host", "ip link del IFB", "", "IFB")]
    [InlineData("host", "ip link property del dev HOSTEND altname OWNER", "ip link property add dev HOSTEND altname OWNER", "interface")]
    [InlineData("host", "ip link property del dev HOSTEND altname CLAIM6", "ip link property add dev HOSTEND altname CLAIM6", "reserved")]
    public void BrokenByHand_IsFoundAndNamed_AndWellWhenMended(string where, string breaks, string mends, string word)
    {
        using var one = new OnePod(Net.Dual());
        one.Check().Succeeded();
        Do(breaks);
        PluginOutcome outcome = one.Check().FailedBySpec(Drift);
        Assert.Contains(Filled(word), outcome.Message, StringComparison.OrdinalIgnoreCase);
        if (mends.Length == 0) return;
        Do(mends);
        one.Check().Succeeded();

        void Do(string commands)
        {
            foreach (string command in commands.Split(';'))
            {
                string[] words = Filled(command).Split(' ');
                if (words[0] == "sysctl") one.Host.SetSysctl(words[1], words[2]);
                else if (where == "pod") one.Pod.Ip(string.Join(' ', words[1..]));
                else one.Host.Exec(words[0], words[1..]).Succeeded();
            }
        }

        string Filled(string text)
        {
            return text.Replace("HOSTEND", one.HostEnd, StringComparison.Ordinal).Replace("IFB", $"ti{one.HostEnd[2..]}", StringComparison.Ordinal)
                .Replace("ADDR6", one.Result.Addresses[1], StringComparison.Ordinal).Replace("OWNER", $"twill:{one.Pod.ContainerId}:eth0", StringComparison.Ordinal)
                .Replace("CLAIM6", $"{one.HostEnd[..7]}-{Convert.ToHexStringLower(System.Net.IPAddress.Parse(one.Result.Addresses[1]).GetAddressBytes())}", StringComparison.Ordinal);
        }
    }

    /// <summary>A foreign answer to what we made: the prevResult that lies is found out, too.</summary>
    [Fact]
    [Trait("cni", "K01")]
    [Trait("cni", "K02")]
    public void PrevResult_SaysOtherwise_IsDrift()
    {
        using var one = new OnePod(Net.Plain());
        foreach (Action<JsonNode> lie in (Action<JsonNode>[])[
            r => r["interfaces"]![2]!["mac"] = "0a:00:00:00:00:99",
            r => r["interfaces"]![1]!["name"] = "twaaaaa0a580099",
            r => r["interfaces"]![1]!["mac"] = "0a:00:00:00:00:99",
            r => r["interfaces"]![0]!["mac"] = "0a:00:00:00:00:99",
            r => r["interfaces"]![2]!["sandbox"] = "/run/netns/other",
            r => r["interfaces"]!.AsArray().RemoveAt(2),
            r => r["ips"]![0]!["address"] = "10.88.0.250/24",
        ])
        {
            JsonObject changed = one.Json;
            lie(changed);
            one.Net.Call("CHECK", one.Pod, prevResult: changed).In(one.Host).FailedBySpec(Drift);
        }
    }

    /// <summary>tuning, a mesh or an administrator after us: a smaller MTU, another MAC that the final result has, more addresses and routes.</summary>
    [Fact]
    [Trait("cni", "K03")]
    public void ChangesOfLaterMembers_AreTolerated()
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        var list = new ListRun(host, """
            {"cniVersion":"1.0.0","name":"proof","plugins":[
             {"type":"twill","bridge":"twproof0","isDefaultGateway":true,"ipam":{"subnet":"10.88.0.0/24"}},
             {"type":"tuning","mtu":1400,"mac":"0a:00:00:00:00:42","promisc":true,"sysctl":{"net.core.somaxconn":"500"}}]}
            """);
        Assert.Equal("0a:00:00:00:00:42", list.Add(pod).Succeeded().Result.Interfaces[2].Mac);
        Assert.Equal((1400, "0a:00:00:00:00:42"), (pod.Links()[0].Mtu, pod.Links()[0].Mac));
        pod.Ip("route add 198.51.100.0/24 via 10.88.0.9");
        pod.Ip("addr add 192.0.2.1/24 dev eth0");
        list.Check(pod).Succeeded();
        list.Del(pod).Succeeded();
    }

    [Fact]
    [Trait("cni", "K03")]
    public void ResultWithMoreInIt_IsTolerated()
    {
        using var one = new OnePod(Net.Plain());
        JsonObject result = one.Json;
        result["interfaces"]!.AsArray().Add(new JsonObject { ["name"] = "bwp0", ["mac"] = "0a:00:00:00:00:01" });
        result["ips"]!.AsArray().Add(new JsonObject { ["address"] = "192.0.2.1/24", ["interface"] = 3 });
        result["routes"]!.AsArray().Add(new JsonObject { ["dst"] = "192.0.2.0/24" });
        one.Net.Call("CHECK", one.Pod, prevResult: result).In(one.Host).Succeeded();
    }

    /// <summary>Fifty times ADD and CHECK with nothing between them.</summary>
    [Fact]
    [Trait("cni", "K05")]
    [Trait("cni", "K10")]
    public void RightAfterAdd_Succeeds()
    {
        using var host = new HostNamespace();
        Net net = Net.Dual();
        for (int i = 0; i < 20; i++)
        {
            Pod pod = host.NewPod();
            net.Call("CHECK", pod, prevResult: net.Add(host, pod).Succeeded().Json).In(host).Succeeded();
        }
    }

    [Fact]
    [Trait("cni", "K06")]
    [Trait("cni", "L03")]
    public void Delegate_IsAsked_AndItsErrorIsOurs()
    {
        using var script = new ScriptPlugin();
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        Net net = Net.Plain().With("ipam", new JsonObject { ["type"] = "script" });
        PluginOutcome added = (net.Call("ADD", pod) with { CniPath = script.Directory }).In(host).Succeeded();
        PluginRun check = net.Call("CHECK", pod, prevResult: added.Json) with { CniPath = script.Directory };
        check.In(host).Succeeded();
        Assert.Equal(["ADD", "CHECK"], script.Calls);
        script.On("CHECK", """echo '{"cniVersion":"1.1.0","code":143,"msg":"lease lost"}'; exit 1""");
        Assert.Equal("lease lost", check.In(host).FailedBySpec(143).Message);
    }

    /// <summary>Not one byte different, and not one netlink message that is not a question.</summary>
    [Fact]
    [Trait("cni", "K07")]
    public void Check_ChangesNothing()
    {
        using var one = new OnePod(Net.Dual());
        string before = one.Host.Dump() + one.Pod.Dump();
        TracedRun check = TracedRun.Of(one.Call("CHECK"), one.Host, Strike.Never);
        Assert.Equal("", check.Outcome.Succeeded().Output);
        Assert.DoesNotContain(check.Report.Written, p => !p.StartsWith("/dev/", StringComparison.Ordinal));
        Assert.Equal(before, one.Host.Dump() + one.Pod.Dump());
        Assert.Equal(check.Report.Messages, check.Report.Reads);

        // The negative control: ADD does write.
        one.Del().Succeeded();
        TracedRun add = TracedRun.Of(one.Call("ADD"), one.Host, Strike.Never);
        Assert.True(add.Report.Messages > add.Report.Reads);
    }

    [Fact]
    [Trait("cni", "K08")]
    public void AnotherContainerOrInterfaceOrNamespace_IsAnError()
    {
        using var one = new OnePod(Net.Plain());
        Pod other = one.Host.NewPod();
        PluginRun check = one.Call("CHECK");
        (check with { CniPath = "/nowhere" }).In(one.Host).Succeeded();
        (check with { ContainerId = "another" }).In(one.Host).FailedBySpec(Drift);
        (check with { IfName = "net1" }).In(one.Host).FailedBySpec(Drift);
        (check with { NetNs = other.Path }).In(one.Host).FailedBySpec(Drift);
    }

    /// <summary>A failed CHECK may cost the pod its life: no false alarm while others come and go.</summary>
    [Fact]
    [Trait("cni", "K09")]
    public void UnderChurn_NoFalseAlarm()
    {
        using var one = new OnePod(Net.Dual());
        Pod[] pods = [.. Enumerable.Range(0, 3).Select(_ => one.Host.NewPod())];
        PluginRun check = one.Call("CHECK");
        PluginOutcome[] outcomes = Workers.AtOnce<int, PluginOutcome>([.. Enumerable.Range(0, 5)], worker =>
        {
            PluginOutcome last = check.In(one.Host);
            for (int i = 0; i < 12; i++)
            {
                if (worker < 3)
                {
                    one.Net.Add(one.Host, pods[worker]).Succeeded();
                    one.Net.Del(one.Host, pods[worker]).Succeeded();
                    continue;
                }

                last = check.In(one.Host);
                if (!last.Ok) return last;
            }

            return last;
        });
        Assert.All(outcomes, o => o.Succeeded());
    }
}
