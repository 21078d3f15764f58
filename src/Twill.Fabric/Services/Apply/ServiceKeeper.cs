using Twill.Fabric.Model;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Apply;

/// <summary>A node's services: the table, and the switch of the pods' bridge without which an answer between two pods of one node is not translated back.</summary>
/// <remarks>
/// For one thread. Repeatable: in sync means that nothing is written. A snapshot whose unchanged services are the same objects as before
/// costs what changed; one of new objects is compared in full.
/// </remarks>
public sealed class ServiceKeeper : IDisposable
{
    private readonly RouteSocket _host;
    private readonly ServiceWriter _writer;
    private readonly ServiceBridge? _bridge;

    /// <param name="bridge">The pods' bridge; null: pods are routed. It may come later, or be made anew: see <see cref="EnsureBridge"/>.</param>
    /// <param name="node">The node's namespace; null: the calling thread's.</param>
    public ServiceKeeper(BridgeSettings? bridge, NetworkNamespace? node = null)
    {
        _host = RouteSocket.Open(node);
        _writer = new ServiceWriter(node);
        if (bridge is not null) _bridge = new ServiceBridge(bridge, _host);
    }

    /// <summary>What the table holds as far as we know; null before the first <see cref="Apply"/> and after <see cref="Doubt"/>. Its services say why each endpoint is used.</summary>
    public ServicePlan? Plan => _writer.Plan;

    public void Dispose()
    {
        _writer.Dispose();
        _host.Dispose();
    }

    /// <summary>Makes the node do what the snapshot describes.</summary>
    /// <exception cref="FabricException">Others kept changing nftables in between (<see cref="FabricFault.Busy"/>); the table is as it was.</exception>
    /// <exception cref="Linux.Netlink.NetlinkException">The kernel refused: the table is as it was.</exception>
    /// <exception cref="ArgumentException">The snapshot has a service twice.</exception>
    public ServiceChange Apply(ServiceSnapshot snapshot)
    {
        // The bridge first: a table that translates one way only is worse than none.
        bool bridged = _bridge?.Ensure(ports: Plan is null) == true;
        ServiceDifference difference = _writer.Write(snapshot);
        if (difference.Added(ServiceTable.Sets(false).Hairpin).Count + difference.Added(ServiceTable.Sets(true).Hairpin).Count > 0) bridged |= _bridge?.Ensure(ports: true) == true;
        (int removed, int added) = difference.Count;
        return new ServiceChange(removed, added, _writer.LastWritten.Bytes, _writer.LastWritten.Messages, _writer.LastWritten.Transactions, _writer.LastForgotten, bridged);
    }

    /// <summary>
    /// The bridge hands its packets to the inet hooks, and its ports let a pod reach itself. <see cref="Apply"/> sees to it for a new endpoint;
    /// call this when the bridge or a port was made anew. A bridge of somebody else is left as it is.
    /// </summary>
    /// <returns>Whether something was to be written.</returns>
    public bool EnsureBridge() => _bridge?.Ensure(ports: true) == true;

    /// <summary>Somebody wrote to the table, or notifications were lost: the next <see cref="Apply"/> reads it again.</summary>
    public void Doubt() => _writer.Doubt();

    /// <summary>Takes the table away, and the bridge's switches. Fine if absent.</summary>
    /// <returns>Whether the table was there.</returns>
    public bool Remove()
    {
        bool there = _writer.Remove();
        _bridge?.Release();
        return there;
    }

    /// <summary>What the kernel holds, whoever wrote it.</summary>
    public ServiceState Read() => _writer.State();
}
