using System.Net.Sockets;
using Twill.KernelTests.Harness;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.HostPorts;

/// <summary>Host ports with real packets: from everywhere, and gone with the interface that holds them.</summary>
public sealed class HostPortTests : IDisposable
{
    private readonly HostPortNet _net = new();

    public void Dispose() => _net.Dispose();

    [Theory]
    [Trait("cni", "P01")]
    [InlineData("192.0.2.1", "2001:db8::1")]
    [InlineData("10.88.0.1", "fd88::1")]
    public void Port_FromEverywhere_LeadsToThePodAndSourcesAreKept(string v4, string v6)
    {
        Pod pod = _net.Host.NewPod(), other = _net.Host.NewPod();
        AddResult web = _net.Add(pod, "8080:80", "8053:53/udp").Succeeded().Result, client = _net.Add(other).Succeeded().Result;
        if (v4[0] == '1' && v4[1] == '0') HostPortNet.Ip(_net.Outside, "route add 10.88.0.0/24 via 192.0.2.1");
        if (v6[0] == 'f') HostPortNet.Ip(_net.Outside, "-6 route add fd88::/64 via 2001:db8::1");
        _net.Host.Settle();
        foreach ((string node, string outside, int family) in (IEnumerable<(string, string, int)>)[(v4, "192.0.2.9", 0), (v6, "2001:db8::9", 1)])
        {
            using Socket listener = _net.Listen(pod.Network, web.Addresses[family], 80);
            Assert.Equal(outside, _net.Reach(_net.Outside, node, 8080, listener));
            Assert.Equal(client.Addresses[family], _net.Reach(other.Network, node, 8080, listener));
            Assert.Equal(node, _net.Reach(_net.Host.Network, node, 8080, listener));

            // Itself: an answer from its own address to its own address would never pass the node, so the node is the source.
            Assert.Equal(family == 0 ? "10.88.0.1" : "fd88::1", _net.Reach(pod.Network, node, 8080, listener));
            using Socket server = _net.Udp(pod.Network, web.Addresses[family], 53), asker = _net.Udp(_net.Outside, outside, 0), neighbour = _net.Udp(other.Network, client.Addresses[family], 0);
            Assert.Equal(outside, HostPortNet.Ask(asker, node, 8053, server));
            Assert.Equal(client.Addresses[family], HostPortNet.Ask(neighbour, node, 8053, server));
            Assert.Null(HostPortNet.Ask(asker, node, 8080, server)); // the control: another protocol, another port
        }
    }

    [Fact]
    public void Port_OnLoopback_LeadsToThePod_AndPodsDoNotReachTheNodesLoopback()
    {
        Pod pod = _net.Host.NewPod();
        AddResult web = _net.Add(pod, "8080:80", "[::1]:8081:80", "127.0.0.1:8082:80").Succeeded().Result;
        using Socket listener = _net.Listen(pod.Network, web.Addresses[0], 80), private4 = _net.Listen(_net.Host.Network, "127.0.0.1", 9090);
        Assert.Equal("10.88.0.1", _net.Reach(_net.Host.Network, "127.0.0.1", 8080, listener));
        Assert.Equal("10.88.0.1", _net.Reach(_net.Host.Network, "127.0.0.1", 8082, listener));
        Assert.NotEqual("192.0.2.9", _net.Reach(_net.Outside, "192.0.2.1", 8082, listener)); // of one address only

        // A pod that sends to 127.0.0.1 by its gateway: the guard drops it; without the guard it gets through.
        HostPortNet.Ip(pod.Network, "rule add pref 1 table local");
        HostPortNet.Ip(pod.Network, "rule del pref 0 table local");
        HostPortNet.Ip(pod.Network, "rule add pref 0 to 127.0.0.0/8 table main");
        HostPortNet.Ip(pod.Network, "route add 127.0.0.0/8 via 10.88.0.1");
        pod.Network.Run(() => Sysctl.Write("net/ipv4/conf/eth0/route_localnet", "1"));
        Assert.Equal(nameof(SocketError.TimedOut), _net.Reach(pod.Network, "127.0.0.1", 9090, private4));
        _net.Host.Nft("flush chain inet twill-hostport guard");
        Assert.Equal(web.Addresses[0], _net.Reach(pod.Network, "127.0.0.1", 9090, private4));
    }

    [Fact]
    public void Port_HeldByAnother_IsRefusedWithItsName_AndNothingIsLeftOfTheRefused()
    {
        Pod first = _net.Host.NewPod(), second = _net.Host.NewPod();
        _net.AddNamed(first, "web-0", "8080:80", "192.0.2.1:8443:443").Succeeded();
        foreach (string[] wish in (string[][])[["8080:81"], ["192.0.2.1:8080:80"], ["9000:1", "8443:443"]])
        {
            PluginOutcome refused = _net.AddNamed(second, "web-1", wish).FailedBySpec();
            Assert.Contains("default/web-0", refused.Message, StringComparison.Ordinal);
            Assert.Contains("/tcp is held by", refused.Message, StringComparison.Ordinal);
            Assert.Empty(second.Links());
        }

        Assert.DoesNotContain("9000", _net.Table(), StringComparison.Ordinal);
        _net.AddNamed(second, "web-1", "8080:80/udp", "10.88.0.1:8443:443").Succeeded();
        _net.AddNamed(_net.Host.NewPod(), "web-2", "7:7", "7:8").FailedBySpec(7);
        PluginOutcome noFamily = HostPortNet.With(Net.Plain(name: "four", subnet: "10.88.4.0/24").With("bridge", "twfour"), "[fd00::1]:70:70").Call("ADD", _net.Host.NewPod()).In(_net.Host).FailedBySpec(7);
        Assert.Contains("no address of that family", noFamily.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Port_PodVanishesWithoutDel_TheNextPodGetsThePort_AndNoPacketReachesTheReusedAddress()
    {
        Pod gone = _net.Host.NewPod();
        string address = _net.AddNamed(gone, "gone", "8053:53/udp", "8080:80").Succeeded().Result.Addresses[0];
        using Socket client = _net.Udp(_net.Outside, "192.0.2.9", 5353), server = _net.Udp(gone.Network, address, 53);
        Assert.Equal("192.0.2.9", HostPortNet.Ask(client, "192.0.2.1", 8053, server));
        server.Dispose();
        gone.Vanish();
        Assert.DoesNotContain(_net.Host.LookUntil(s => s.Links.Count <= 3, 5000).Links, l => l.Name.StartsWith("tw", StringComparison.Ordinal) && l.Name != Net.Bridge);

        // Still in the map: nobody was called. Whoever gets the address looks first, and so does whoever wants the port.
        Assert.Contains($"{address} . 53", _net.Table(), StringComparison.Ordinal);
        Pod heir = _net.Host.NewPod();
        Assert.Equal(address, _net.AddAt(heir, address).Succeeded().Result.Addresses[0]);
        Assert.DoesNotContain(address, _net.Table(), StringComparison.Ordinal);
        using Socket innocent = _net.Udp(heir.Network, address, 53);
        for (int i = 0; i < 3; i++) Assert.Null(Try(client, innocent));

        // The control: with the element back the same packet does get there, so the test would have seen it.
        _net.Host.Nft($"add element inet twill-hostport any4 {{ udp . 8053 : {address} . 53 }}");
        using Socket another = _net.Udp(_net.Outside, "192.0.2.9", 5354);
        Assert.Equal("192.0.2.9", HostPortNet.Ask(another, "192.0.2.1", 8053, innocent));

        // An element that nobody vouches for stands in nobody's way.
        Pod next = _net.Host.NewPod();
        string new4 = _net.AddNamed(next, "next", "8053:53/udp").Succeeded().Result.Addresses[0];
        using Socket fresh = _net.Udp(next.Network, new4, 53);
        Assert.Equal("192.0.2.9", HostPortNet.Ask(another, "192.0.2.1", 8053, fresh));
        Assert.Equal("192.0.2.9", HostPortNet.Ask(client, "192.0.2.1", 8053, fresh));

        static string? Try(Socket client, Socket server)
        {
            try
            {
                return HostPortNet.Ask(client, "192.0.2.1", 8053, server);
            }
            catch (SocketException)
            {
                return null; // the node says that nobody listens
            }
        }
    }

    [Fact]
    public void Port_Udp_OfAClientThatNeverPauses_IsThePodsAtOnce()
    {
        using Socket client = _net.Udp(_net.Outside, "192.0.2.9", 5353), own = _net.Udp(_net.Host.Network, "192.0.2.1", 8053);
        Assert.Equal("192.0.2.9", HostPortNet.Ask(client, "192.0.2.1", 8053, own));
        _net.Add(_net.Host.NewPod(), "1:1").Succeeded(); // connections are tracked from here on
        Assert.Equal("192.0.2.9", HostPortNet.Ask(client, "192.0.2.1", 8053, own));
        Pod pod = _net.Host.NewPod();
        using Socket server = _net.Udp(pod.Network, _net.Add(pod, "8053:53/udp").Succeeded().Result.Addresses[0], 53);
        Assert.Equal("192.0.2.9", HostPortNet.Ask(client, "192.0.2.1", 8053, server));
    }

    [Theory]
    [InlineData("DEL")]
    [InlineData("DEL without a namespace")]
    [InlineData("GC")]
    public void Port_AfterDelOrGc_IsGone_AndConnectionsWithIt(string how)
    {
        Pod pod = _net.Host.NewPod(), other = _net.Host.NewPod();
        Net net = HostPortNet.With(HostPortNet.Network, "8080:80", "8053:53/udp");
        PluginOutcome added = net.Call("ADD", pod).In(_net.Host).Succeeded(), kept = _net.Add(other, "9090:80").Succeeded();
        using Socket client = _net.Udp(_net.Outside, "192.0.2.9", 5353), server = _net.Udp(pod.Network, added.Result.Addresses[0], 53);
        Assert.Equal("192.0.2.9", HostPortNet.Ask(client, "192.0.2.1", 8053, server));
        net.Call("CHECK", pod, prevResult: added.Json).In(_net.Host).Succeeded();
        if (how.EndsWith("namespace", StringComparison.Ordinal)) pod.Vanish();
        if (how == "GC") net.Gc(HostPortNet.Network.AttachmentOf(kept)).In(_net.Host).Succeeded();
        else net.DelCall(pod, added.Json, withNetNs: how == "DEL").In(_net.Host).Succeeded();
        Assert.DoesNotContain("8080", _net.Table(), StringComparison.Ordinal);
        Assert.DoesNotContain("8053", _net.Table(), StringComparison.Ordinal);
        Assert.DoesNotContain(added.Result.Addresses[0], _net.Table(), StringComparison.Ordinal);
        Assert.Contains("9090", _net.Table(), StringComparison.Ordinal);
        Assert.DoesNotContain("8053", File.Exists("/proc/net/nf_conntrack") ? _net.Host.Network.Run(() => File.ReadAllText("/proc/thread-self/net/nf_conntrack")) : "", StringComparison.Ordinal);
        net.DelCall(pod, added.Json).In(_net.Host).Succeeded();
        net.Call("ADD", _net.Host.NewPod()).In(_net.Host).Succeeded();
    }

    [Fact]
    public void Check_OfAPodWithPorts_NamesWhatIsMissing()
    {
        Pod pod = _net.Host.NewPod();
        Net net = HostPortNet.With(HostPortNet.Network, "8080:80");
        PluginOutcome added = net.Call("ADD", pod).In(_net.Host).Succeeded();
        Check().Succeeded();
        _net.Host.Nft("add rule inet twill-hostport ports counter");
        Assert.Contains("rules of table inet twill-hostport", Check().FailedBySpec().Message, StringComparison.Ordinal);
        _net.Host.Nft("delete element inet twill-hostport any4 { tcp . 8080 }");
        Assert.Contains("8080/tcp -> 10.88.0.2:80 is not in map any4", Check().FailedBySpec().Message, StringComparison.Ordinal);

        // The next pod with a port mends the rules.
        _net.Add(_net.Host.NewPod(), "9090:80").Succeeded();
        Assert.DoesNotContain("counter", _net.Table(), StringComparison.Ordinal);

        PluginOutcome Check() => net.Call("CHECK", pod, prevResult: added.Json).In(_net.Host);
    }

    [Fact]
    public void Port_Sctp_IsInTheMap() // this kernel has no SCTP sockets
    {
        _net.Add(_net.Host.NewPod(), "8080:80/sctp").Succeeded();
        Assert.Contains("sctp . 8080 comment", _net.Table(), StringComparison.Ordinal);
    }

    [Fact]
    public void Pods_WithoutPorts_MakeNoTable()
    {
        _net.Add(_net.Host.NewPod()).Succeeded();
        Assert.Equal("", _net.Table());
        Assert.Equal("0", _net.Host.Network.Run(() => Sysctl.Read($"net/ipv4/conf/{Net.Bridge}/route_localnet")));
    }
}
