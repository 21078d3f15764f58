using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.Fabric.Keep;

/// <summary>Puts back a network's bridge and its ports when somebody deleted or emptied it while pods run.</summary>
/// <remarks>
/// The same hardware address and addresses as before, as all are computed (<see cref="BridgeKeeper"/>), so pods' neighbour entries stay right;
/// MTU and the hint for the next address are remembered. Without pods nothing is done: the next ADD makes the bridge.
/// </remarks>
internal sealed class BridgeMemory(NetworkSettings pods)
{
    /// <summary>Ports in one send; see <see cref="NodeWriter"/>. Each takes up to three messages.</summary>
    private const int MaxBatch = 40;

    private Link? _seen;

    internal string Name => pods.Bridge.Name;

    internal int Index => _seen?.Index.Value ?? 0;

    /// <param name="network">The node's namespace; null: the calling thread's.</param>
    /// <param name="host">A socket of that namespace.</param>
    /// <param name="hear">Takes the notifications that wait and answers the bridge of another index as the last of them told it: younger than our last look.</param>
    /// <returns>What was put back, for people; null: nothing was missing.</returns>
    /// <exception cref="FabricException">Something else has the bridge's name.</exception>
    internal string? Restore(NetworkNamespace? network, RouteSocket host, Func<IfIndex, Link?> hear)
    {
        Link? bridge = host.FindLink(Name);
        if (bridge is { Kind: "bridge" } && !NodeMarks.IsBridge(bridge)) return null; // used as it is, never mended
        List<Link> ports = host.FindOurLinks(pods.Tag, out _).FindAll(l => l.Kind == "veth" && l.IsUp && l.TryGetOwner(out _));
        if (bridge is null && ports.Count == 0)
        {
            _seen = null;
            return null;
        }

        long before = host.Netlink.Changes;
        BridgeState state = default;
        NodeApply.Inside(network, () => state = BridgeKeeper.Ensure(host, pods, Gateways()));

        // It may also have gone since we looked.
        bool made = bridge?.Index != state.Index;
        Link? lost = made ? Lost(hear(state.Index)) : null;
        int wide = lost?.GsoMaxSize ?? Segments.UsualMax;
        if (lost is not null) Remember(host, state.Index, lost);
        List<Link> strays = ports.FindAll(p => p.Master != state.Index);
        for (int i = 0; i < strays.Count; i += MaxBatch) Enslave(host, state.Index, strays.GetRange(i, Math.Min(MaxBatch, strays.Count - i)));
        if (strays.Count > 0 && wide != Segments.UsualMax) Widen(host, state.Index, wide);
        if (host.Netlink.Changes == before)
        {
            _seen = bridge;
            return null;
        }

        _seen = host.FindLink(Name);
        return $"{(made ? "made anew" : "completed")}{(strays.Count > 0 ? $", {strays.Count} pods on it again" : "")}";
    }

    /// <returns>Null: what was there was not ours, or nobody saw it.</returns>
    private Link? Lost(Link? heard) => (heard ?? _seen) is { Kind: "bridge" } last && NodeMarks.IsBridge(last) ? last : null;

    /// <summary>What is not computed: MTU and hint.</summary>
    private void Remember(RouteSocket host, IfIndex index, Link lost)
    {
        NetlinkBatch batch = host.Netlink.NewBatch();
        LinkRequests.SetMtu(batch, index, lost.Mtu);
        LinkRequests.SetAlias(batch, index, lost.Alias);
        host.Netlink.Execute(batch).ThrowIfFailed($"cannot restore bridge {Name}");
    }

    /// <summary>As before, when it has ports again: one that never had any refuses. Refused, the pods' packets pass all the same, in smaller pieces.</summary>
    private static void Widen(RouteSocket host, IfIndex index, int bytes)
    {
        NetlinkBatch batch = host.Netlink.NewBatch();
        LinkRequests.SetGsoMaxSize(batch, index, bytes);
        _ = host.Netlink.Execute(batch);
    }

    /// <summary>A port that has gone meanwhile, by a DEL, is no failure.</summary>
    private void Enslave(RouteSocket host, IfIndex index, List<Link> ports)
    {
        BridgeSettings settings = pods.Bridge;
        NetlinkBatch batch = host.Netlink.NewBatch();
        foreach (Link port in ports)
        {
            LinkRequests.SetMaster(batch, port.Index, index);
            if (settings.Hairpin || settings.PortIsolation || settings.MacSpoofCheck)
            {
                LinkRequests.SetBridgePort(batch, port.Index, new BridgePortFlags
                {
                    Hairpin = settings.Hairpin ? true : null,
                    Isolated = settings.PortIsolation ? true : null,
                    Locked = settings.MacSpoofCheck ? true : null,
                    Learning = settings.MacSpoofCheck ? false : null,
                });
            }

            if (settings.MacSpoofCheck && ClaimName.TryParse(port.Name, pods.Tag, out IpAddress address))
                NeighbourRequests.ReplaceFdb(batch, new FdbSpec { Dev = port.Index, Mac = PodPlan.MacOf(address), Flags = NeighbourFlags.Master, State = NeighbourState.NoArp });
        }

        NetlinkOutcome outcome = host.Netlink.Execute(batch);
        if (outcome.Errno != Linux.Sys.Errno.ENODEV) outcome.ThrowIfFailed($"cannot put pods back on bridge {Name}");
    }

    private IReadOnlyList<PodAddress> Gateways() => pods.Pool?.Gateways ?? [];
}
