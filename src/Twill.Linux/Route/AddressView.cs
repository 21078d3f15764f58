using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>An address as the kernel told it, read without allocating.</summary>
/// <remarks>Source: RTM_NEWADDR, include/uapi/linux/if_addr.h.</remarks>
public readonly ref struct AddressView
{
    /// <exception cref="NetlinkProtocolException">Lengths that contradict each other, or no address.</exception>
    public AddressView(in NetlinkMessage message)
    {
        IfAddrMsg header = message.Header<IfAddrMsg>();
        Dev = new IfIndex((int)header.ifa_index);
        Scope = (RouteScope)header.ifa_scope;
        uint flags = header.ifa_flags;
        IpAddress? local = null, address = null;

        AttributeReader attributes = message.Attributes<IfAddrMsg>();
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case IfAddrUapi.IFA_LOCAL: local = attributes.Ip(); break;
                case IfAddrUapi.IFA_ADDRESS: address = attributes.Ip(); break;
                case IfAddrUapi.IFA_BROADCAST: Broadcast = attributes.Ip(); break;
                case IfAddrUapi.IFA_FLAGS: flags = attributes.U32(); break;
                case IfAddrUapi.IFA_PROTO: Protocol = attributes.U8(); break;
                case IfAddrUapi.IFA_LABEL: Label = attributes.StringBytes(); break;
                default: break;
            }
        }

        Flags = (AddressFlags)flags;
        // IFA_ADDRESS is the peer on a point-to-point link; IPv6 leaves IFA_LOCAL out where there is none.
        IpAddress own = local ?? address ?? throw new NetlinkProtocolException("an address message without an address");
        Address = RouteAttributes.Prefix(own, header.ifa_prefixlen);
        Peer = address is { } other && other != own ? other : null;
    }

    public IfIndex Dev { get; }

    /// <inheritdoc cref="AddressSpec.Address"/>
    public IpPrefix Address { get; }

    public IpAddress? Peer { get; }

    public IpAddress? Broadcast { get; }

    public AddressFlags Flags { get; }

    public RouteScope Scope { get; }

    public byte Protocol { get; }

    /// <summary>IPv4 only: the link's name, or an alias of it. UTF-8.</summary>
    public ReadOnlySpan<byte> Label { get; }

    /// <summary>A copy that outlives the message.</summary>
    public IfAddress ToAddress() => new() { Dev = Dev, Address = Address, Peer = Peer, Broadcast = Broadcast, Flags = Flags, Scope = Scope, Protocol = Protocol };
}
