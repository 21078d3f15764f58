using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Plugin;

/// <summary>Attachments that come and go in the wrong order, late, twice, or with strangers in the way (F18, F20, F26, F39).</summary>
public sealed class LifecycleTests : IDisposable
{
    private readonly HostNamespace _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    [Trait("cni", "A01")]
    [Trait("cni", "A03")]
    [Trait("cni", "A13")]
    [Trait("cni", "A09")]
    [Trait("cni", "D01")]
    [Trait("cni", "D04")]
    public void AddDel_Repeated_EachResultIsTrueAndNothingStays()
    {
        foreach (Net net in (Net[])[Net.Plain(), Net.Masquerade(), Net.Dual()])
        {
            using var host = new HostNamespace();
            Pod pod = host.NewPod();
            for (int round = 0; round < 3; round++)
            {
                PluginOutcome add = net.Add(host, pod).Succeeded();
                Assert.Equal("1.1.0", (string?)add.Json!["cniVersion"]);
                Expect.None(add.Result.Problems(pod, "eth0"));
                Expect.None(net.Audit(host, net.AttachmentOf(add)));
                net.Del(host, pod, add.Result.Json).Succeeded();
                Assert.Empty(pod.Links());
                Expect.None(net.Audit(host));
                net.Del(host, pod, add.Result.Json).Succeeded();
                net.Del(host, pod).Succeeded();
            }
        }
    }

    [Fact]
    [Trait("cni", "A12")]
    public void Add_AfterDel_ReleasedAddressRestsForAWholeRound()
    {
        Net net = Net.Plain("10.88.0.0/27");
        var seen = new List<string>();
        for (int i = 0; i < 29; i++)
        {
            Pod pod = _host.NewPod();
            seen.Add(net.Add(_host, pod).Succeeded().Result.Addresses[0]);
            net.Del(_host, pod).Succeeded();
        }

        Assert.Equal(29, seen.Distinct().Count());
        Pod next = _host.NewPod();
        Assert.Equal(seen[0], net.Add(_host, next).Succeeded().Result.Addresses[0]);
    }

    [Fact]
    [Trait("cni", "D08")]
    [Trait("cni", "D06")]
    public void Del_LateWhenAddressBelongsToAnother_TouchesNobody()
    {
        // One address only, so that the second pod gets the first one's.
        Net net = Net.Plain("10.88.0.0/30");
        Pod old = _host.NewPod(), young = _host.NewPod();
        PluginOutcome first = net.Add(_host, old).Succeeded();
        old.Vanish();
        _host.LookUntil(s => net.Audit(s, []).Count == 0, 5000);
        PluginOutcome second = net.Add(_host, young).Succeeded();
        Assert.Equal(first.Result.Addresses, second.Result.Addresses);
        Assert.Equal(first.Result.Interfaces.Select(i => i.Name), second.Result.Interfaces.Select(i => i.Name));

        string inside = young.Dump();
        foreach (PluginRun late in (PluginRun[])
        [
            net.DelCall(old, first.Result.Json),
            net.DelCall(old),
            net.DelCall(old, first.Result.Json, withNetNs: false),
            net.DelCall(old, first.Result.Json) with { NetNs = young.Path }, // the path was given to another, too
            net.DelCall(old, second.Result.Json) with { NetNs = young.Path },
        ])
        {
            late.In(_host).Succeeded();
            Expect.None(net.Audit(_host, net.AttachmentOf(second)));
            Assert.Equal(inside, young.Dump());
        }

        Expect.None(second.Result.Problems(young, "eth0"));
    }

    [Fact]
    [Trait("cni", "D05")]
    [Trait("cni", "D03")]
    [Trait("cni", "D02")]
    public void Del_NeverAddedOrNamespaceGoneOrPartsMissing_Succeeds()
    {
        Net net = Net.Dual();
        Pod stranger = _host.NewPod();
        string before = _host.Dump();
        net.Del(_host, stranger).Succeeded();
        net.DelCall(stranger, withNetNs: false).In(_host).Succeeded();
        (net.DelCall(stranger) with { NetNs = null }).In(_host).Succeeded();
        (net.DelCall(stranger) with { NetNs = "/run/netns/no-such-pod" }).In(_host).Succeeded();
        Assert.Equal(before, _host.Dump());

        // Each part of an attachment taken away by somebody else, and all of them.
        foreach (string[] missing in (string[][])[["host"], ["pod"], ["ifb"], ["bridge"], ["table"], ["namespace"], ["host", "ifb", "bridge", "table"]])
        {
            Pod pod = _host.NewPod();
            PluginOutcome add = net.Add(_host, pod).Succeeded();
            LinkState end = _host.Look().Link($"twill:{pod.ContainerId}:eth0")!, ifb = _host.Look().Link($"twill-ifb:{pod.ContainerId}:eth0")!;
            foreach (string part in missing)
            {
                switch (part)
                {
                    case "host": _host.Ip($"link del {end.Name}"); break;
                    case "pod": pod.Ip("link del eth0"); break;
                    case "ifb": _host.Ip($"link del {ifb.Name}"); break;
                    case "bridge": _host.Ip($"link del {Net.Bridge}"); break;
                    case "table": _host.Nft("delete table inet twill"); break;
                    default: pod.Vanish(); break;
                }
            }

            net.Del(_host, pod, add.Result.Json, withNetNs: pod.IsThere).Succeeded();
            net.Del(_host, pod, add.Result.Json, withNetNs: pod.IsThere).Succeeded();
            IReadOnlyList<string> problems = [];
            _host.LookUntil(s => (problems = net.Audit(s, [])).Count == 0, missing.Contains("namespace") ? 5000 : 0);
            Assert.True(problems.Count == 0, $"without {string.Join(" and ", missing)}: {string.Join("; ", problems)}");
        }
    }

    [Fact]
    [Trait("cni", "D06")]
    [Trait("cni", "D12")]
    public void Del_PrevResultOrConfigurationWrong_StillFrees()
    {
        Net net = Net.Dual();
        foreach (string prevResult in (string[])
        [
            "{}", "[]", "null", "\"x\"", "7",
            """{"cniVersion":"0.2.0","ip4":{"ip":"10.88.0.7/24"}}""",
            """{"cniVersion":"1.1.0","ips":[{"address":"not an address","interface":99}],"interfaces":"none"}""",
            """{"cniVersion":"9.9.9","interfaces":[{"name":"../x","sandbox":7}]}""",
        ])
        {
            Pod pod = _host.NewPod();
            net.Add(_host, pod).Succeeded();
            net.Call("DEL", pod, prevResult: null).WithConfig(WithPrevResult(net, pod, prevResult)).In(_host).Succeeded();
            Expect.None(net.Audit(_host));
        }

        foreach (Net changed in (Net[])[net.With("bridge", "otherbr0"), net.With("ipMasq", false), net.With("ipam.ranges", JsonNode.Parse("""[[{"subnet":"10.77.0.0/24"}]]""")), net.With("ipam", null), net.With("mtu", -7), net.With("name", "renamed")])
        {
            Pod pod = _host.NewPod();
            PluginOutcome add = net.Add(_host, pod).Succeeded();
            changed.DelCall(pod, add.Result.Json).In(_host).Succeeded();
            Expect.None(net.Audit(_host));
        }

        static JsonNode WithPrevResult(Net net, Pod pod, string prevResult)
        {
            JsonObject config = JsonNode.Parse(net.Call("DEL", pod).Input.Span)!.AsObject();
            config["prevResult"] = JsonNode.Parse(prevResult);
            return config;
        }
    }

    [Fact]
    [Trait("cni", "A02")]
    [Trait("cni", "A10")]
    [Trait("cni", "A06")]
    public void Add_InterfaceThereAlready_FailsAndLeavesAllAsItWas()
    {
        Net net = Net.Dual();

        // Somebody else's, by name and by alternative name.
        foreach (string preparation in (string[])["link add eth0 type bridge", "link add other0 type bridge|link property add dev other0 altname eth0"])
        {
            Pod pod = _host.NewPod();
            foreach (string line in preparation.Split('|')) pod.Ip(line);
            string inside = pod.Ip("-d link show");
            PluginOutcome add = net.Add(_host, pod).FailedBySpec(101);
            Assert.Contains("eth0", add.Message, StringComparison.Ordinal);
            Assert.Equal(inside, pod.Ip("-d link show"));
            Expect.None(net.Audit(_host));
            net.Del(_host, pod).Succeeded();
            Assert.Equal(inside, pod.Ip("-d link show"));
        }

        // Our own: a second ADD of the same, and one of another container in the same namespace.
        Pod attached = _host.NewPod();
        PluginOutcome first = net.Add(_host, attached).Succeeded();
        net.Add(_host, attached).FailedBySpec(101);
        (net.Call("ADD", attached) with { ContainerId = "another" }).In(_host).FailedBySpec(101);
        Pod elsewhere = _host.NewPod();
        (net.Call("ADD", attached) with { NetNs = elsewhere.Path }).In(_host).FailedBySpec(101);
        Assert.Empty(elsewhere.Links());
        Expect.None(net.Audit(_host, net.AttachmentOf(first)));
        Expect.None(first.Result.Problems(attached, "eth0"));
        (net.DelCall(attached) with { ContainerId = "another" }).In(_host).Succeeded();
        Expect.None(net.Audit(_host, net.AttachmentOf(first)));
    }

    [Theory]
    [InlineData("link add twproof0 type veth peer name stranger0")]
    [InlineData("link add twproof0 type ifb")]
    [InlineData("link add stranger0 type ifb|link property add dev stranger0 altname twproof0")]
    [Trait("cni", "A06")]
    public void Add_BridgesNameBelongsToAnother_NamesItAndLeavesItAlone(string preparation)
    {
        foreach (string line in preparation.Split('|')) _host.Ip(line);
        string before = _host.Dump();
        Pod pod = _host.NewPod();
        PluginOutcome add = Net.Plain().Add(_host, pod).FailedBySpec(101);
        Assert.Contains("twproof0", add.Message, StringComparison.Ordinal);
        Assert.Equal(before, _host.Dump());
        Assert.Empty(pod.Links());
    }

    [Fact]
    [Trait("cni", "A06")]
    public void Add_WantedNamesBelongToStrangers_NextAddressIsUsedAndTheyStay()
    {
        Net net = Net.Dual();
        Pod probe = _host.NewPod();
        PluginOutcome first = net.Add(_host, probe).Succeeded();
        string tag = _host.Look().Link($"twill:{probe.ContainerId}:eth0")!.Name[2..7];
        Assert.Equal("10.88.0.2", first.Result.Addresses[0]);

        // 10.88.0.3 as a name, 10.88.0.4 as an alternative name, of links that are no veth of ours; an IPv6 address likewise.
        _host.Ip($"link add tw{tag}0a580003 type bridge");
        _host.Ip("link add stranger0 type bridge");
        _host.Ip($"link property add dev stranger0 altname tw{tag}0a580004");
        string v6 = string.Concat(System.Net.IPAddress.Parse(first.Result.Addresses[1]).GetAddressBytes()[..15].Select(b => b.ToString("x2"))) + (System.Net.IPAddress.Parse(first.Result.Addresses[1]).GetAddressBytes()[15] + 3).ToString("x2");
        _host.Ip($"link property add dev stranger0 altname tw{tag}-{v6}");
        string strangers = _host.Ip("-d link show stranger0") + _host.Ip($"-d link show tw{tag}0a580003");

        Pod[] pods = [.. Enumerable.Range(0, 4).Select(_ => _host.NewPod())];
        PluginOutcome[] adds = [.. pods.Select(p => net.Add(_host, p).Succeeded())];
        Assert.Equal(["10.88.0.5", "10.88.0.6", "10.88.0.7", "10.88.0.8"], adds.Select(a => a.Result.Addresses[0]));
        for (int i = 0; i < pods.Length; i++) Expect.None(adds[i].Result.Problems(pods[i], "eth0"));
        Assert.DoesNotContain(adds, a => a.Result.Addresses[1] == new System.Net.IPAddress(Convert.FromHexString(v6)).ToString());
        net.Gc([.. adds.Select(net.AttachmentOf)]).In(_host).Succeeded();
        Assert.Equal(strangers, _host.Ip("-d link show stranger0") + _host.Ip($"-d link show tw{tag}0a580003"));
        net.Gc().In(_host).Succeeded();
        Assert.Equal(strangers, _host.Ip("-d link show stranger0") + _host.Ip($"-d link show tw{tag}0a580003"));
    }

    [Fact]
    [Trait("cni", "A06")]
    public void Add_OwnersNameBelongsToAStranger_FailsAndLeavesIt()
    {
        Net net = Net.Plain();
        Pod pod = _host.NewPod();
        _host.Ip("link add stranger0 type bridge");
        _host.Ip($"link property add dev stranger0 altname twill:{pod.ContainerId}:eth0");
        net.Add(_host, pod).FailedBySpec(101);
        Assert.Empty(pod.Links());
        Assert.Equal(["lo", "stranger0", Net.Bridge], _host.Look().Links.Select(l => l.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("cni", "D01")]
    public void Del_PodRenamedOrDownedItsInterface_Frees()
    {
        Net net = Net.Dual();
        foreach (string[] mischief in (string[][])[["link set eth0 down", "link set eth0 name mine0"], ["addr flush dev eth0"], ["link set eth0 address 0a:00:00:00:00:01"], ["link set eth0 mtu 1280"]])
        {
            Pod pod = _host.NewPod();
            net.Add(_host, pod).Succeeded();
            foreach (string line in mischief) pod.Ip(line);
            net.Del(_host, pod).Succeeded();
            Assert.Empty(pod.Links());
            Expect.None(net.Audit(_host));
        }
    }

    [Fact]
    [Trait("cni", "G07")]
    [Trait("cni", "G08")]
    [Trait("cni", "G01")]
    [Trait("cni", "G02")]
    [Trait("cni", "G11")]
    public void Gc_WithoutListOtherNetworkBothKeys_SweepsExactlyWhatIsNotValid()
    {
        Net net = Net.Dual(), other = Net.Plain("10.88.9.0/24", "other").With("bridge", "twother0");
        Pod[] pods = [.. Enumerable.Range(0, 4).Select(_ => _host.NewPod())];
        Attachment[] ours = [.. pods.Select(p => net.AttachmentOf(net.Add(_host, p).Succeeded()))];
        Pod guest = _host.NewPod();
        Attachment theirs = Attachment.Of(other.Add(_host, guest).Succeeded());
        IReadOnlyList<string> Problems(params IEnumerable<Attachment> expected) => Audit.Problems(_host.Look(), [.. expected], [Net.Bridge, "twother0"]);
        Expect.None(Problems([.. ours, theirs]));

        // No list at all: nothing is known, nothing is done.
        PluginOutcome without = (net.Call("STATUS") with { Command = "GC" }).In(_host);
        if (!without.Ok) without.FailedBySpec(7);
        Expect.None(Problems([.. ours, theirs]));

        // Both keys that libcni sends, different: the union is valid.
        JsonObject both = JsonNode.Parse(net.Gc(ours[0]).Input.Span)!.AsObject();
        both["cni.dev/attachments"] = new JsonArray(new JsonObject { ["containerID"] = ours[1].ContainerId, ["ifname"] = "eth0" });
        net.Gc().WithConfig(both).In(_host).Succeeded();
        Expect.None(Problems(ours[0], ours[1], theirs));

        // The same container with another interface's name is another attachment.
        net.Gc(ours[0], ours[1] with { IfName = "eth1" }).In(_host).Succeeded();
        Expect.None(Problems(ours[0], theirs));
        net.Gc().In(_host).Succeeded();
        Expect.None(Problems(theirs));
        foreach (Pod pod in pods) net.Del(_host, pod).Succeeded();
        other.Del(_host, guest).Succeeded();
        Expect.None(Problems());
    }

    [Fact]
    [Trait("cni", "L07")]
    [Trait("cni", "A08")]
    public void Add_TwoNetworksAndLongestIds_LiveSideBySide()
    {
        Net net = Net.Plain("10.88.0.0/24", "a"), other = Net.Plain("10.88.9.0/24", "b").With("bridge", "twother0").With("isDefaultGateway", false);
        string[] ids = [new string('a', 255), $"{new string('a', 254)}b", new string('b', 101), new string('b', 102), "x", "X.y_z-1"];
        var live = new List<Attachment>();
        foreach (string id in ids)
        {
            Pod pod = _host.NewPod(id);
            live.Add(net.AttachmentOf(net.Add(_host, pod).Succeeded()));
            live.Add(other.AttachmentOf(other.Add(_host, pod, "net1").Succeeded()));
        }

        string[] bridges = [Net.Bridge, "twother0"];
        Assert.Equal(12, _host.Look().Links.Count(l => l.Kind == "veth"));
        Expect.None(Audit.Problems(_host.Look(), live, bridges));
        foreach (Attachment a in live)
        {
            (net.Call("DEL") with { ContainerId = a.ContainerId, IfName = a.IfName }).In(_host).Succeeded();
            Expect.None(Audit.Problems(_host.Look(), [.. live.Skip(live.IndexOf(a) + 1)], bridges));
        }
    }
}
