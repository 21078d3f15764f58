using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>The bridge's keys seen in traffic, not only in flags; each with the run that shows that the test can fail.</summary>
public sealed class BridgeTests
{
    /// <summary>A pod, the host, and a far machine that could answer the pod directly: what source does it see?</summary>
    [Theory]
    [Trait("cni", "C12")]
    [InlineData(true, "10.88.0.0/24", "", true)]
    [InlineData(true, "10.88.0.0/24", "192.0.2.0/24", false)]
    [InlineData(false, "10.88.0.0/24", "", false)]
    [InlineData(true, "fd88::/64", "", true)]
    [InlineData(false, "fd88::/64", "", false)]
    public void IpMasq_TheFarSideSeesTheNode(bool masquerade, string subnet, string except, bool translated)
    {
        bool v6 = subnet.Contains(':', StringComparison.Ordinal);
        Net net = Net.Plain(subnet).With("ipMasq", masquerade).With("ipMasqExcept", except.Length > 0 ? new JsonArray(except) : new JsonArray());
        using var one = new OnePod(net);
        Pod far = one.Host.NewPod();
        (string node, string there, int length) = v6 ? ("2001:db8::1", "2001:db8::2", 64) : ("192.0.2.1", "192.0.2.2", 24);
        one.Host.Ip("link add up0 type veth peer name far0");
        one.Host.Exec("ip", ["link", "set", "far0", "netns", far.Path]).Succeeded();
        string dad = v6 ? " nodad" : "";
        one.Host.Ip($"addr add {node}/{length} dev up0{dad}");
        one.Host.Ip("link set up0 up");
        far.Ip($"addr add {there}/{length} dev far0{dad}");
        far.Ip("link set far0 up");
        far.Ip($"{(v6 ? "-6 " : "")}route add {subnet} via {node}");

        AddressFamily family = v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        using Socket server = far.Network.Run(() => Bound(family));
        using Socket client = one.Pod.Network.Run(() => Bound(family));
        server.ReceiveTimeout = 3000;
        client.SendTo("hello"u8.ToArray(), new IPEndPoint(IPAddress.Parse(there), ((IPEndPoint)server.LocalEndPoint!).Port));
        EndPoint from = new IPEndPoint(v6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        Assert.Equal(5, server.ReceiveFrom(new byte[16], ref from));
        Assert.Equal(translated ? node : one.Address, ((IPEndPoint)from).Address.ToString());

        // The answer finds its way back.
        server.SendTo("hi"u8.ToArray(), from);
        client.ReceiveTimeout = 3000;
        Assert.Equal(2, client.Receive(new byte[16]));

        static Socket Bound(AddressFamily family)
        {
            var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0));
            return socket;
        }
    }

    [Theory]
    [Trait("cni", "A13")]
    [InlineData(true)]
    [InlineData(false)]
    public void PortIsolation_PodsReachTheGatewayOnly(bool isolated)
    {
        using var one = new OnePod(Net.Dual().With("portIsolation", isolated));
        Pod other = one.Host.NewPod();
        AddResult theirs = one.Net.Add(one.Host, other).Succeeded().Result;
        foreach (Pod pod in (Pod[])[one.Pod, other])
        {
            Assert.Null(pod.PingProblem("10.88.0.1"));
            Assert.Null(pod.PingProblem("fd88::1"));
        }

        foreach (string address in theirs.Addresses)
        {
            if (isolated) Assert.NotNull(one.Pod.PingProblem(address));
            else Assert.Null(one.Pod.PingProblem(address));
        }
    }

    /// <summary>The pod gives itself another hardware address: its packets come through only where nobody checks.</summary>
    [Theory]
    [Trait("cni", "A13")]
    [InlineData(true)]
    [InlineData(false)]
    public void MacSpoofCheck_OnlyThePodsOwnAddressComesThrough(bool check)
    {
        using var one = new OnePod(Net.Plain().With("macspoofchk", check));
        string own = one.Pod.Links()[0].Mac;
        Assert.Null(one.Pod.PingProblem("10.88.0.1"));
        Pod other = one.Host.NewPod();
        Assert.Null(one.Pod.PingProblem(one.Net.Add(one.Host, other).Succeeded().Result.Addresses[0]));
        one.Pod.Ip("link set eth0 address c2:00:00:00:00:01");
        if (check) Assert.NotNull(one.Pod.PingProblem("10.88.0.1"));
        else Assert.Null(one.Pod.PingProblem("10.88.0.1"));
        one.Pod.Ip($"link set eth0 address {own}");
        Assert.Null(one.Pod.PingProblem("10.88.0.1"));
        one.Del().Succeeded();
        Assert.DoesNotContain(own, one.Host.Exec("bridge", ["fdb", "show"]).Succeeded(), StringComparison.Ordinal);
    }

    /// <summary>Without detection an address works as soon as ADD returns; with it ADD waits until it does.</summary>
    [Theory]
    [Trait("cni", "K05")]
    [InlineData(true)]
    [InlineData(false)]
    public void EnableDad_TheAddressIsSettledWhenAddReturns(bool detect)
    {
        using var one = new OnePod(Net.Plain("fd88::/64").With("enabledad", detect));
        JsonNode address = one.Pod.Read("-6 addr show dev eth0").SelectMany(l => l!["addr_info"]!.AsArray()).Single(a => (string?)a!["scope"] == "global")!;
        Assert.Null(address["tentative"]);
        Assert.Equal(!detect, address["nodad"] is not null);
        Assert.Null(one.Pod.PingProblem("fd88::1"));
    }

    /// <summary>Somebody on the bridge has the pod's address already: with detection ADD says so and leaves nothing.</summary>
    [Fact]
    [Trait("cni", "A06")]
    public void EnableDad_ADuplicateIsFound()
    {
        using var host = new HostNamespace();
        Pod stranger = host.NewPod(), pod = host.NewPod();
        Net net = Net.Plain("fd88::/64").With("enabledad", true).Wishing(["fd88::66"]);
        host.Ip($"link add {Net.Bridge} type bridge");
        host.Ip($"link set {Net.Bridge} up");
        host.Ip("link add out0 type veth peer name in0");
        host.Exec("ip", ["link", "set", "in0", "netns", stranger.Path]).Succeeded();
        host.Ip($"link set out0 master {Net.Bridge} up");
        stranger.Ip("link set in0 up");
        stranger.Ip("addr add fd88::66/64 dev in0 nodad");
        Assert.Contains("fd88::66", net.Add(host, pod).FailedBySpec(101).Message, StringComparison.Ordinal);
        Assert.Empty(pod.Links());
    }

    [Fact]
    [Trait("cni", "A13")]
    public void DisableContainerInterface_LeavesItDownWithoutAddress()
    {
        Net net = Net.Plain().With("isDefaultGateway", false).With("isGateway", false).With("ipam", null).With("disableContainerInterface", true);
        using var one = new OnePod(net);
        LinkState link = Assert.Single(one.Pod.Links());
        Assert.False(link.Up);
        Assert.Empty(one.Pod.Addresses("eth0"));
        one.Check().Succeeded();
        using var host = new HostNamespace();
        Net.Plain().With("disableContainerInterface", true).Add(host, host.NewPod()).FailedBySpec(7);
    }

    /// <summary>A flag is set on the port of the network that wants it, and on no other of the same bridge.</summary>
    [Theory]
    [Trait("cni", "A13")]
    [InlineData("hairpinMode", "hairpin")]
    [InlineData("portIsolation", "isolated")]
    [InlineData("macspoofchk", "locked")]
    public void PortFlags_AreThePortsOwn(string key, string flag)
    {
        using var one = new OnePod(Net.Plain().With(key, true));
        Assert.True((bool)one.Host.Port(one.HostEnd)![flag]!);
        Pod other = one.Host.NewPod();
        string hostEnd = Net.Plain().Add(one.Host, other).Succeeded().Result.Interfaces[1].Name;
        Assert.False((bool)one.Host.Port(hostEnd)![flag]!);
        one.Check().Succeeded();
    }
}
