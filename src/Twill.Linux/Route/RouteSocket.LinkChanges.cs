using Twill.Linux.Netlink;
using Twill.Linux.Sys;

namespace Twill.Linux.Route;

/// <summary>Changes of one link, one request each. Several in one send: <see cref="LinkRequests"/>.</summary>
public sealed partial class RouteSocket
{
    /// <inheritdoc cref="LinkRequests.SetUp"/>
    /// <exception cref="NetlinkException">ENODEV: there is no such link.</exception>
    public void SetUp(LinkKey link)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetUp(batch, link);
        Send(batch, "set up link", link);
    }

    /// <inheritdoc cref="LinkRequests.SetDown"/>
    /// <exception cref="NetlinkException">ENODEV: there is no such link.</exception>
    public void SetDown(LinkKey link)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetDown(batch, link);
        Send(batch, "set down link", link);
    }

    /// <inheritdoc cref="LinkRequests.SetPromiscuous"/>
    /// <exception cref="NetlinkException">ENODEV: there is no such link.</exception>
    public void SetPromiscuous(LinkKey link, bool on)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetPromiscuous(batch, link, on);
        Send(batch, "change promiscuous mode of link", link);
    }

    /// <inheritdoc cref="LinkRequests.SetMtu"/>
    /// <exception cref="NetlinkException">ENODEV: there is no such link.</exception>
    public void SetMtu(LinkKey link, Mtu mtu)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetMtu(batch, link, mtu);
        Send(batch, "set the MTU of link", link);
    }

    /// <inheritdoc cref="LinkRequests.SetGsoMaxSize"/>
    /// <exception cref="NetlinkException">ENODEV: there is no such link. EINVAL: more than it can (tso_max_size).</exception>
    public void SetGsoMaxSize(LinkKey link, int bytes)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetGsoMaxSize(batch, link, bytes);
        Send(batch, "set the largest segment of link", link);
    }

    /// <inheritdoc cref="LinkRequests.SetMac"/>
    /// <exception cref="NetlinkException">ENODEV: there is no such link.</exception>
    public void SetMac(LinkKey link, MacAddress mac)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetMac(batch, link, mac);
        Send(batch, "set the address of link", link);
    }

    /// <inheritdoc cref="LinkRequests.SetMaster"/>
    /// <exception cref="NetlinkException">ENODEV: there is no such link.</exception>
    public void SetMaster(LinkKey link, IfIndex? master)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetMaster(batch, link, master);
        Send(batch, "set the master of link", link);
    }

    /// <inheritdoc cref="LinkRequests.SetAlias"/>
    /// <exception cref="NetlinkException">ENODEV: there is no such link.</exception>
    public void SetAlias(LinkKey link, ReadOnlySpan<char> alias)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetAlias(batch, link, alias);
        Send(batch, "set the alias of link", link);
    }

    /// <inheritdoc cref="LinkRequests.SetGroup"/>
    /// <exception cref="NetlinkException">ENODEV: there is no such link.</exception>
    public void SetGroup(LinkKey link, uint group)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetGroup(batch, link, group);
        Send(batch, "set the group of link", link);
    }

    /// <inheritdoc cref="LinkRequests.SetTxQueueLength"/>
    /// <exception cref="NetlinkException">ENODEV: there is no such link.</exception>
    public void SetTxQueueLength(LinkKey link, int packets)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetTxQueueLength(batch, link, packets);
        Send(batch, "set the queue length of link", link);
    }

    /// <inheritdoc cref="LinkRequests.SetBridgePort"/>
    /// <exception cref="NetlinkException">ENODEV: there is no such link.</exception>
    public void SetBridgePort(LinkKey link, in BridgePortFlags flags)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetBridgePort(batch, link, flags);
        Send(batch, "change bridge port", link);
    }

    /// <inheritdoc cref="LinkRequests.SetAddrGenMode"/>
    /// <exception cref="NetlinkException">ENODEV: there is no such link.</exception>
    public void SetAddrGenMode(LinkKey link, AddrGenMode mode)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetAddrGenMode(batch, link, mode);
        Send(batch, "set the address generation mode of link", link);
    }

    /// <inheritdoc cref="LinkRequests.Rename"/>
    /// <returns>False: the name is taken.</returns>
    public bool TryRename(IfIndex link, ReadOnlySpan<char> name)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.Rename(batch, link, name);
        return Try(batch, "rename link", (LinkKey)link, Errno.EEXIST);
    }

    /// <inheritdoc cref="LinkRequests.AddAltName"/>
    /// <returns>False: some link has the name.</returns>
    public bool TryAddAltName(LinkKey link, ReadOnlySpan<char> altName)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.AddAltName(batch, link, altName);
        return Try(batch, "add an alternative name to link", link, Errno.EEXIST);
    }

    /// <inheritdoc cref="LinkRequests.RemoveAltName"/>
    /// <returns>Whether the link had it.</returns>
    public bool RemoveAltName(LinkKey link, ReadOnlySpan<char> altName)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.RemoveAltName(batch, link, altName);
        return Try(batch, "remove an alternative name from link", link, Errno.ENOENT);
    }
}
