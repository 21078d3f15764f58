using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Lab.Steps;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Lab;

public sealed class LabDifferenceTests
{
    private static readonly Dictionary<string, LabSpec> s_labs = new()
    {
        ["direct-ipv4"] = new LabSpec().Grown(2, 2),
        ["direct-ipv6"] = new LabSpec { V4 = false, V6 = true }.Grown(2, 1),
        ["router-dual"] = new LabSpec { Mode = LabMode.Router, V6 = true }.Grown(2, 1).WithPod("web", null, ["http", "probe"]),
        ["services"] = new LabSpec { V6 = true }.Grown(2, 1).WithService("web", ["blue", "red"], 80, null, 0, true),
        ["empty"] = new LabSpec { Empty = true }.Grown(2, 1),
    };

    public static TheoryData<string> Cases { get; } = [.. s_labs.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void FromNothing_IsTheScriptOfTheLab(string name)
        => Golden.Check(Path.Combine(Golden.Directory(), "scripts", $"{name}.sh"), LabScript.Shell(LabDifference.FromNothing(LabGoal.For(s_labs[name]))));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Between_GoalAndItself_IsNothing(string name) => Assert.Empty(LabDifference.Between(LabGoal.For(s_labs[name]), LabGoal.For(s_labs[name])));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Between_EveryTwoLabs_NamesNothingThatTheGoalHas(string name)
    {
        LabState goal = LabGoal.For(s_labs[name]);
        foreach (LabSpec other in s_labs.Values.Where(l => !l.Empty && l != s_labs[name]))
        {
            IReadOnlyList<LabStep> steps = LabDifference.Between(goal, LabGoal.For(other));
            Assert.NotEmpty(steps);
            Assert.All(steps.OfType<RemoveNamespace>(), s => Assert.Null(goal.Find(s.Name)));
            Assert.All(steps.OfType<MakeNamespace>(), s => Assert.DoesNotContain(s.Namespace, LabGoal.For(other).Namespaces.Select(n => n.Name)));
            Assert.All(steps, s => Assert.NotEqual("", s.Missing));
        }
    }

    [Fact]
    public void Between_ModeChanges_OnlyRoutesAndTheRouterChange()
    {
        LabSpec direct = s_labs["direct-ipv4"];
        string text = LabScript.Changes(LabDifference.Between(LabGoal.For(direct with { Mode = LabMode.Router }), LabGoal.For(direct)));
        Assert.Equal("""
            + ip -n router link set lo alias "twill-lab router mode=router families=4 size=2x2"
            + ip netns exec router sysctl -qw net.ipv4.conf.all.send_redirects=0
            + ip netns exec router sysctl -qw net.ipv4.conf.lan.send_redirects=0
            + ip -n router route add 10.244.1.0/24 via 192.168.1.11 dev lan proto 77
            + ip -n router route add 10.244.2.0/24 via 192.168.1.12 dev lan proto 77
            - ip -n node1 route del 10.244.2.0/24 via 192.168.1.12 dev eth0 proto 77
            - ip -n node2 route del 10.244.1.0/24 via 192.168.1.11 dev eth0 proto 77

            """, text);
    }

    public static TheoryData<string, string, string> Faults { get; } = new()
    {
        { "route", "node1 has no route to 10.244.2.0/24, the pods of node2", "ip -n node1 route add 10.244.2.0/24 via 192.168.1.12 dev eth0 proto 77" },
        { "astray", "node1 sends 10.244.2.0/24, the pods of node2, via 192.168.1.77 by eth0 instead of via 192.168.1.12 by eth0", "ip -n node1 route replace 10.244.2.0/24 via 192.168.1.12 dev eth0 proto 77" },
        { "bridge", "the bridge v-net-0 of node1 is down", "ip -n node1 link set v-net-0 up" },
        { "unplugged", "the cable of blue (twaznip0af40102) is not plugged into the bridge v-net-0 of node1", "ip -n node1 link set twaznip0af40102 master v-net-0" },
        { "mtu", "eth0 of node1 (the cable to router) carries packets of at most 600 bytes instead of 1500", "ip -n node1 link set eth0 mtu 1500" },
        { "forward", "node1 does not forward IPv4 packets (net.ipv4.ip_forward is not 1)", "ip netns exec node1 sysctl -qw net.ipv4.ip_forward=1" },
        { "arp", "blue believes that 10.244.1.1 is at 02:00:00:00:00:01, for good; it is at 0a:58:0a:f4:01:01", "ip -n blue neigh del 10.244.1.1 dev eth0" },
        { "masquerade", "node1 does not masquerade what its pods send to the internet, so no answer finds the way back", "ip netns exec node1 nft add table inet twill" },
        { "masks", "router does not bear the mark \"twill-lab:service:web:1:80:80:30080:lb\"", "ip -n router link property add dev lo altname twill-lab:pods:web:blue,red" },
        { "table", "node1 does not know the services", "ip netns exec node1 nft -f - <<'END'" },
        { "rule", "node1 does not know the services", "ip netns exec node1 nft -f - <<'END'" },
        { "element", "node1 does not know the services as they are: 1 elements are missing in table inet twill-services, 0 are too many", "ip netns exec node1 nft -f - <<'END'\nadd element inet twill-services hairpin4 { 10.244.1.2 . 10.244.1.2 }\nEND" },
        { "calls", "the bridge of node1 does not let nftables see what goes from pod to pod, so answers of a service's pods are not translated back", "ip -n node1 link set v-net-0 type bridge nf_call_iptables 1 nf_call_ip6tables 1" },
        { "hairpin", "pods of node1 cannot reach themselves through a service: port twaznip0af40102 sends nothing back where it came from", "bridge -n node1 link set dev twaznip0af40102 hairpin on" },
        { "gateway", "blue has no default route", "ip -n blue route add default via 10.244.1.1 dev eth0" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Between_OneFault_IsOneStepThatNamesIt(string fault, string missing, string line)
    {
        LabState goal = LabGoal.For(s_labs[fault is "masks" or "table" or "rule" or "element" or "calls" or "hairpin" ? "services" : "direct-ipv4"]);
        LabStep step = Assert.Single(LabDifference.Between(goal, Break(goal, fault)));
        Assert.Equal(missing, step.Missing);
        Assert.StartsWith(line, step.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Between_RouteOfTheRightWayButNotOurs_IsLeftAlone()
    {
        LabState goal = LabGoal.For(s_labs["direct-ipv4"]);
        LabState byHand = Change(goal, "node1", n => n with { Routes = [.. n.Routes.Select(r => r with { Protocol = RouteProtocol.Boot })] });
        Assert.Empty(LabDifference.Between(goal, byHand));
    }

    [Fact]
    public void Between_PodAndNodeGone_RemovesThemAndTheirRoutes()
    {
        LabSpec spec = s_labs["direct-ipv4"];
        string text = LabScript.Changes(LabDifference.Between(LabGoal.For(spec.WithoutPod("red").WithoutNode("node2")), LabGoal.For(spec)));
        Assert.Equal("""
            + ip -n router link set lo alias "twill-lab router mode=direct families=4"
            - ip -n node1 route del 10.244.2.0/24 via 192.168.1.12 dev eth0 proto 77
            - ip -n node1 link del twaznip0af40103
            - ip netns del red
            - ip netns del node2
            - ip netns del green
            - ip netns del grey

            """, text);
    }

    [Fact]
    public void Between_PodOfAServiceGone_TouchesThatServiceOnly()
    {
        LabSpec spec = s_labs["services"].WithService("shop", ["blue"], 8080, null, null, false);
        string text = LabScript.Changes(LabDifference.Between(LabGoal.For(spec.WithoutPod("red")), LabGoal.For(spec)));
        Assert.Contains("delete element inet twill-services endpoints4 { 10.96.0.1 . tcp . 80 . ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("10.96.0.2", text, StringComparison.Ordinal);
        Assert.DoesNotContain("delete table", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Between_LastServiceGone_RemovesTableAndMarks()
    {
        LabSpec spec = s_labs["services"];
        string text = LabScript.Changes(LabDifference.Between(LabGoal.For(spec.WithoutService("web")), LabGoal.For(spec)));
        Assert.Contains("- ip -n router link property del dev lo altname twill-lab:service:web:1:80:80:30080:lb", text, StringComparison.Ordinal);
        Assert.Contains("- ip netns exec node1 nft delete table inet twill-services", text, StringComparison.Ordinal);
        Assert.Contains("- ip -n router route del 192.168.1.240/32 via 192.168.1.11 dev lan", text, StringComparison.Ordinal);
    }

    private static LabState Break(LabState state, string fault) => fault switch
    {
        "route" => Change(state, "node1", n => n with { Routes = [.. n.Routes.Where(r => r.Destination.Length == 0)] }),
        "astray" => Change(state, "node1", n => n with { Routes = [.. n.Routes.Select(r => r.Destination.Length == 0 ? r : r with { Via = IpAddress.Parse("192.168.1.77") })] }),
        "bridge" => Link(state, "node1", "v-net-0", l => l with { Up = false }),
        "unplugged" => Link(state, "node1", "twaznip0af40102", l => l with { Master = null }),
        "mtu" => Link(state, "node1", "eth0", l => l with { Mtu = 600 }),
        "forward" => Change(state, "node1", n => n with { Sysctls = new Dictionary<string, string> { ["net/ipv4/ip_forward"] = "0" } }),
        "arp" => Change(state, "blue", n => n with { Neighbours = [new NeighbourEntry(IpAddress.Parse("10.244.1.1"), "eth0", new MacAddress(0x020000000001), NeighbourState.Permanent)] }),
        "masquerade" => Change(state, "node1", n => n with { Rules = [] }),
        "masks" => Link(state, "router", "lo", l => l with { AltNames = [] }),
        "table" => Change(state, "node1", n => n with { Chains = [], Sets = [], Rules = [.. n.Rules.Where(r => r.Chain.Table.Name == "twill")] }),
        "rule" => Change(state, "node1", n => n with { Rules = [.. n.Rules.Take(n.Rules.Count - 1)] }),
        "element" => Change(state, "node1", n => n with { Sets = [.. n.Sets.Select(s => s.Set.Name == "hairpin4" ? s with { Elements = [] } : s)] }),
        "calls" => Link(state, "node1", "v-net-0", l => l with { CallsNftables = false }),
        "hairpin" => Link(state, "node1", "twaznip0af40102", l => l with { Port = l.Port!.Value with { Hairpin = false } }),
        "gateway" => Change(state, "blue", n => n with { Routes = [] }),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    private static LabState Change(LabState state, string name, Func<NamespaceState, NamespaceState> change)
        => state with { Namespaces = [.. state.Namespaces.Select(n => n.Name == name ? change(n) : n)] };

    private static LabState Link(LabState state, string name, string link, Func<LinkState, LinkState> change)
        => Change(state, name, n => n with { Links = [.. n.Links.Select(l => l.Name == link ? change(l) : l)] });
}
