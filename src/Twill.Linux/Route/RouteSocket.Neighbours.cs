using Twill.Linux.Netlink;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

public sealed partial class RouteSocket
{
    /// <inheritdoc cref="NeighbourRequests.Add"/>
    /// <returns>False: there is an entry, perhaps one the kernel learned.</returns>
    /// <exception cref="NetlinkException">ENODEV: no such link. EINVAL: the link has no neighbours of this family.</exception>
    public bool TryAddNeighbour(in NeighbourSpec spec)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        NeighbourRequests.Add(batch, spec);
        return Try(batch, "add neighbour", spec, Errno.EEXIST);
    }

    /// <inheritdoc cref="NeighbourRequests.Replace"/>
    /// <inheritdoc cref="TryAddNeighbour" path="/exception"/>
    public void ReplaceNeighbour(in NeighbourSpec spec)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        NeighbourRequests.Replace(batch, spec);
        Send(batch, "replace neighbour", spec);
    }

    /// <inheritdoc cref="NeighbourRequests.Remove"/>
    /// <returns>Whether it was there; false too where the link has gone.</returns>
    public bool RemoveNeighbour(IfIndex dev, IpAddress address, bool proxy = false)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        NeighbourRequests.Remove(batch, dev, address, proxy);
        return Try(batch, "remove neighbour", new NeighbourSpec { Dev = dev, Address = address }, Errno.ENOENT, Errno.ENODEV);
    }

    /// <summary>Neighbours of both families. Like: ip neigh show [dev D].</summary>
    public List<Neighbour> Neighbours(IfIndex? dev = null, bool proxies = false)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        NeighbourRequests.Dump(batch, dev, 0, proxies);
        return List(batch, "neighbours", RtnetlinkUapi.RTM_NEWNEIGH, static (in NetlinkMessage m) => new NeighbourView(m).ToNeighbour());
    }

    /// <inheritdoc cref="NeighbourRequests.AddFdb"/>
    /// <returns>False: there is an entry.</returns>
    /// <exception cref="NetlinkException">ENODEV: no such link. EOPNOTSUPP: the link has no forwarding table, or (with Master) is no port.</exception>
    public bool TryAddFdb(in FdbSpec spec)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        NeighbourRequests.AddFdb(batch, spec);
        return Try(batch, "add forwarding entry", spec, Errno.EEXIST);
    }

    /// <inheritdoc cref="NeighbourRequests.ReplaceFdb"/>
    /// <inheritdoc cref="TryAddFdb" path="/exception"/>
    public void ReplaceFdb(in FdbSpec spec)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        NeighbourRequests.ReplaceFdb(batch, spec);
        Send(batch, "replace forwarding entry", spec);
    }

    /// <inheritdoc cref="NeighbourRequests.AppendFdb"/>
    /// <remarks>Idempotent: the kernel is content where this remote end is there.</remarks>
    public void AppendFdb(in FdbSpec spec)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        NeighbourRequests.AppendFdb(batch, spec);
        Send(batch, "append forwarding entry", spec);
    }

    /// <inheritdoc cref="NeighbourRequests.RemoveFdb"/>
    /// <returns>Whether it was there; false too where the link has gone.</returns>
    public bool RemoveFdb(in FdbSpec spec)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        NeighbourRequests.RemoveFdb(batch, spec);
        return Try(batch, "remove forwarding entry", spec, Errno.ENOENT, Errno.ENODEV);
    }

    /// <inheritdoc cref="NeighbourRequests.DumpFdb"/>
    public List<Neighbour> Fdb(IfIndex? dev = null, IfIndex? bridge = null)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        NeighbourRequests.DumpFdb(batch, dev, bridge);
        return List(batch, "forwarding entries", RtnetlinkUapi.RTM_NEWNEIGH, static (in NetlinkMessage m) => new NeighbourView(m).ToNeighbour());
    }
}
