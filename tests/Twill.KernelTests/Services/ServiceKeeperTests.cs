using System.Net.Sockets;
using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.Services;

/// <summary>Pods on one bridge, as the plugin puts them; bridged packets pass the inet hooks only where the keeper said so.</summary>
[Collection(KernelCollection.Name)]
public sealed class ServiceKeeperTests : IClassFixture<LeakCheck>
{
    [Fact]
    public void Apply_PodsOfOneBridge_ReachEachOtherAndThemselves_AndSourcesStay()
    {
        using var net = new ServiceNet(bridged: true);
        using Socket green = net.Listen(net.Green, "10.244.1.3"), green6 = net.Listen(net.Green, "fd00:1::3");
        var snapshot = new ServiceSnapshot(ServicePacketTests.Node, [ServicePacketTests.Service(ServicePacketTests.Green, ServicePacketTests.Green6)]);

        // The table alone: the answer goes from port to port, past conntrack.
        net.Writer.Write(snapshot);
        Assert.True(net.Vanishes(net.Blue, "10.96.0.1", 80));

        using var keeper = new ServiceKeeper(ServiceNet.Bridge, net.Node);
        ServiceChange change = keeper.Apply(snapshot);
        Assert.Equal((0, true), (change.Messages, change.BridgeChanged));
        Assert.Equal((0, "10.244.1.2"), net.Reach(net.Blue, "10.96.0.1", 80, green));
        Assert.Equal((0, "fd00:1::2"), net.Reach(net.Blue, "fd00:96::1", 80, green6));
        Assert.Equal((0, "10.244.1.1"), net.Reach(net.Green, "10.96.0.1", 80, green));
        Assert.Equal((0, "fd00:1::1"), net.Reach(net.Green, "fd00:96::1", 80, green6));
        Assert.Equal((0, "10.244.1.2"), net.Reach(net.Blue, "10.244.1.3", 8080, green));
        Assert.True(keeper.Apply(snapshot).IsEmpty);

        ServiceState state = keeper.Read();
        Assert.True(state is { Present: true, Whole: true });
        FrontendState web = Assert.Single(state.Frontends, f => f.Key.ToString() == "10.96.0.1:80/tcp");
        Assert.Equal(("default/web", "random1-v4", "10.244.1.3:8080"), (web.Name, web.Chain, string.Join(' ', web.Backends)));
        Assert.Equal(3ul, web.Hits); // two that worked, and one by the table alone

        keeper.Apply(snapshot with { Services = [ServicePacketTests.Service()] });
        Assert.Equal(SocketError.ConnectionRefused, net.Connect(net.Blue, "10.96.0.1", 80, out _));
        Assert.Equal(SocketError.ConnectionRefused, net.Connect(net.Blue, "fd00:96::1", 80, out _));
    }

    [Fact]
    public void Remove_LeavesTheBridgeAsItWas()
    {
        using var net = new ServiceNet(bridged: true);
        using var host = RouteSocket.Open(net.Node);
        using var keeper = new ServiceKeeper(ServiceNet.Bridge, net.Node);
        keeper.Apply(new ServiceSnapshot(ServicePacketTests.Node, []));
        Assert.True(Switches(host) is (true, true, true));
        Assert.True(keeper.Remove());
        Assert.False(keeper.Remove());
        Assert.True(Switches(host) is (false, false, false));
        Assert.False(keeper.Read().Present);
    }

    private static (bool V4, bool V6, bool Hairpin) Switches(RouteSocket host)
    {
        Assert.True(host.TryGetLink(ServiceNet.Bridge.Name, out Link? bridge) & host.TryGetLink("blue", out Link? port));
        return (bridge!.Bridge!.Value.NfCallIptables, bridge.Bridge.Value.NfCallIp6tables, port!.BridgePort!.Value.Hairpin);
    }
}
