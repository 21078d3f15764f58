using Twill.Fabric.Apply;
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
/// <param name="bridge">The pods' bridge; null: pods are routed. It may come later, see <see cref="EnsureBridge"/>.</param>
/// <param name="node">The node's namespace; null: the calling thread's.</param>
public sealed class ServiceKeeper(string? bridge, NetworkNamespace? node = null) : IDisposable
{
    private readonly RouteSocket _host = RouteSocket.Open(node);
    private readonly ServiceWriter _writer = new(node);

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
        // The switch first: a table that translates one way only is worse than none.
        bool switched = EnsureBridge();
        ServiceDifference difference = _writer.Write(snapshot);
        (int removed, int added) = difference.Count;
        return new ServiceChange(removed, added, _writer.LastWritten.Bytes, _writer.LastWritten.Messages, _writer.LastForgotten, switched);
    }

    /// <summary>The bridge hands its packets to the inet hooks; call it again when the bridge was made anew. A bridge of somebody else is left as it is. Like: ip link set twill0 type bridge nf_call_iptables 1 nf_call_ip6tables 1.</summary>
    /// <returns>Whether that was to be written.</returns>
    public bool EnsureBridge() => Switch(on: true);

    /// <summary>Somebody wrote to the table, or notifications were lost: the next <see cref="Apply"/> reads it again.</summary>
    public void Doubt() => _writer.Doubt();

    /// <summary>Takes the table away, and the bridge's switch. Fine if absent.</summary>
    /// <returns>Whether the table was there.</returns>
    public bool Remove()
    {
        bool there = _writer.Remove();
        Switch(on: false);
        return there;
    }

    /// <summary>What the kernel holds, whoever wrote it.</summary>
    public ServiceState Read() => _writer.State();

    private bool Switch(bool on)
    {
        if (bridge is null || _host.FindLink(bridge) is not { Bridge: { } now } link || !NodeMarks.IsBridge(link) || (now.NfCallIptables == on && now.NfCallIp6tables == on)) return false;
        _host.SetBridge(new BridgeSpec { Name = bridge, NfCallIptables = on, NfCallIp6tables = on });
        return true;
    }
}
