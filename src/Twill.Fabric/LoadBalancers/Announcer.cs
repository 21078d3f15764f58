using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Packet;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.LoadBalancers;

/// <summary>Puts addresses on this node's interface for a second at a time, and tells the link. One thread at a time.</summary>
/// <remarks>The kernel answers ARP and neighbour solicitations for what is there, and takes it away by itself when nobody puts it up again.</remarks>
public sealed class Announcer : IDisposable
{
    /// <summary>IFA_PROTO of our addresses (Linux 5.18), as 77 is the protocol of our routes.</summary>
    public const byte Mark = 77;

    private readonly RouteSocket _host;
    private readonly FrameSocket _frames;

    /// <param name="device">The interface on the link where the addresses are announced.</param>
    /// <param name="network">Null: the calling thread's namespace.</param>
    /// <exception cref="LinuxException">EPERM: CAP_NET_RAW is missing.</exception>
    public Announcer(string device, NetworkNamespace? network = null)
    {
        Device = device;
        _host = RouteSocket.Open(network);
        _frames = FrameSocket.Open(network);
    }

    public string Device { get; }

    public void Dispose()
    {
        _frames.Dispose();
        _host.Dispose();
    }

    /// <summary>Like: ip addr replace ADDRESS/32 dev DEVICE valid_lft 1 preferred_lft 0 proto 77 noprefixroute nodad.</summary>
    /// <param name="tell">Tell the link, too.</param>
    /// <exception cref="NetlinkException">ENODEV: the interface is gone.</exception>
    public void Hold(IpAddress address, bool tell)
    {
        Link link = _host.GetLink(Device);
        NetlinkBatch batch = _host.Netlink.NewBatch();
        AddressRequests.Replace(batch, new AddressSpec
        {
            Dev = link.Index,
            Address = new IpPrefix(address, address.Bits),
            Flags = AddressFlags.NoPrefixRoute | (address.IsV6 ? AddressFlags.NoDad : AddressFlags.None),
            ValidSeconds = LeaseTimes.ValidSeconds,
            Deprecated = true,
            Protocol = Mark,
        });
        _host.Netlink.Execute(batch).ThrowIfFailed($"cannot put load-balancer address {address} on {Device}");
        if (tell && link.Mac is { } mac) _ = _frames.Send(link.Index, Announcement.FrameOf(address, mac)); // ENETDOWN: nobody hears us anyway
    }

    /// <summary>Fine if absent.</summary>
    public void Drop(IpAddress address)
    {
        if (!_host.TryGetIndex(Device, out IfIndex dev)) return;
        NetlinkBatch batch = _host.Netlink.NewBatch();
        AddressRequests.Remove(batch, dev, new IpPrefix(address, address.Bits));
        NetlinkOutcome outcome = _host.Netlink.Execute(batch);
        if (outcome.Errno is not (Errno.EADDRNOTAVAIL or Errno.ENODEV)) outcome.ThrowIfFailed($"cannot take load-balancer address {address} from {Device}");
    }
}
