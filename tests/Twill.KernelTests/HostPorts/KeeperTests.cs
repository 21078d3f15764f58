using Twill.Fabric.Apply;
using Twill.Fabric.HostPorts;
using Twill.Fabric.Keep;
using Twill.Fabric.Model;
using Twill.KernelTests.Fabric;
using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.HostPorts;

/// <summary>What the agent adds: ports of pods that died go without anybody being called, and a bridge made anew serves them again.</summary>
public sealed class KeeperTests
{
    [Fact]
    public void Keeper_PodWithPortsVanishes_ItsPortsGo_AndABridgeMadeAnewServesTheOthers()
    {
        using var net = new FabricNet(1);
        FabricNode one = net.Nodes[0];
        using var keeper = new RunningKeeper(one, net.Cluster("auto"));
        keeper.AwaitApplied();
        using NetworkNamespace gone = NetworkNamespace.Create(), stays = NetworkNamespace.Create();
        PodAttachment web = Attach(stays, "stays", 9090);
        Attach(gone, "gone", 8080);
        using NftSocket nft = NftSocket.Open(one.Namespace);
        Assert.Equal([8080, 9090], Ports());
        int since = keeper.Events.Count;
        gone.Dispose();
        keeper.Await(e => e.Kind == KeeperEventKind.Applied && e.Subject == "host ports" && e.Text.StartsWith("2 of", StringComparison.Ordinal), since);
        Assert.Equal([9090], Ports());

        one.Host.RemoveLink("twill0");
        Assert.True(SpinWait.SpinUntil(() => one.Host.TryGetLink("twill0", out Link? bridge) && bridge.AltNames.Contains("twill-ports:twill0") && one.Namespace.Run(() => Sysctl.Read("net/ipv4/conf/twill0/route_localnet")) == "1", 5000));
        Link made = one.Host.GetLink("twill0"), port = one.Host.GetLink(web.HostName);
        Assert.Equal((true, true, true), (made.Bridge!.Value.NfCallIptables, made.Bridge.Value.NfCallIp6tables, port.BridgePort!.Value.Hairpin));

        IEnumerable<int> Ports() => nft.Elements(HostPortTable.Any(false)).Select(e => (int)HostPortEntry.Read(HostPortTable.Any(false), e).Port).Order();

        PodAttachment Attach(NetworkNamespace pod, string name, ushort port) => one.Namespace.Run(() => new PodAttacher(one.Host).Attach(
            one.Pods,
            new PodRequest { Owner = new Owner(name, "eth0"), Namespace = pod, HostPorts = [new HostPort(Nft.TcpProtocol, port, 80)] }));
    }
}
