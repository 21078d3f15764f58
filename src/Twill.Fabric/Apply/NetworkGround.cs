using Twill.Fabric.Model;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

/// <summary>What all pods of a network stand on: its bridge and its masquerading. An ADD makes it too; this is for who wants it without a pod.</summary>
public static class NetworkGround
{
    /// <summary>The bridge, up, with its gateway addresses, and the node forwarding.</summary>
    /// <exception cref="FabricException">The name belongs to something else, or the bridge has another address.</exception>
    public static void EnsureBridge(NetworkNamespace node, NetworkSettings network) => node.Run(() =>
    {
        using RouteSocket host = RouteSocket.Open();
        BridgeKeeper.Ensure(host, network, network.Pool?.Gateways ?? []);
    });

    /// <summary>One rule for each subnet of the network's pool, and none for any other subnet.</summary>
    public static void EnsureMasquerade(NetworkNamespace node, NetworkSettings network) => Masquerade.Ensure(network, network.Pool?.Gateways ?? [], node, only: true);
}
