using Twill.Linux.Netlink;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

public sealed partial class RouteSocket
{
    /// <summary>Puts an address on a link.</summary>
    /// <returns>False: it is there already.</returns>
    /// <exception cref="NetlinkException">ENODEV: no such link. EINVAL: not an address for a host, or the MTU is below IPv6's 1280. EACCES: IPv6 is off on this link.</exception>
    /// <remarks>Like: ip addr add 10.244.1.7/24 dev eth0.</remarks>
    public bool TryAddAddress(in AddressSpec address)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        AddressRequests.Add(batch, address);
        return Try(batch, "add address", address, Errno.EEXIST);
    }

    /// <inheritdoc cref="TryAddAddress(in AddressSpec)"/>
    public bool TryAddAddress(IfIndex dev, IpPrefix address, AddressFlags flags = AddressFlags.None)
        => TryAddAddress(new AddressSpec { Dev = dev, Address = address, Flags = flags });

    /// <summary>Puts an address on a link, or changes its flags and lifetime. Like: ip addr replace 10.244.1.7/24 dev eth0.</summary>
    public void ReplaceAddress(in AddressSpec address)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        AddressRequests.Replace(batch, address);
        Send(batch, "replace address", address);
    }

    /// <summary>Takes an address off a link. Like: ip addr del 10.244.1.7/24 dev eth0.</summary>
    /// <returns>Whether it was there; false too where the link has gone.</returns>
    public bool RemoveAddress(IfIndex dev, IpPrefix address)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        AddressRequests.Remove(batch, dev, address);
        return Try(batch, "remove address", new AddressSpec { Dev = dev, Address = address }, Errno.EADDRNOTAVAIL, Errno.ENODEV);
    }

    /// <summary>Addresses of both families. Like: ip addr show [dev eth0].</summary>
    /// <param name="dev">Null: of all links.</param>
    /// <exception cref="NetlinkException">ENODEV: no link has that index. EINTR: the table changed during every attempt.</exception>
    public List<IfAddress> Addresses(IfIndex? dev = null)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        AddressRequests.Dump(batch, dev);
        return List(batch, "addresses", RtnetlinkUapi.RTM_NEWADDR, static (in NetlinkMessage m) => new AddressView(m).ToAddress());
    }
}
