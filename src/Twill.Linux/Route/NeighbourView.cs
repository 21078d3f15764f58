using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>A neighbour or a forwarding entry as the kernel told it, read without allocating.</summary>
/// <remarks>Source: RTM_NEWNEIGH, include/uapi/linux/neighbour.h.</remarks>
public readonly ref struct NeighbourView
{
    /// <exception cref="NetlinkProtocolException">Lengths that contradict each other.</exception>
    public NeighbourView(in NetlinkMessage message)
    {
        NdMsg header = message.Header<NdMsg>();
        Family = header.ndm_family;
        Dev = new IfIndex(header.ndm_ifindex);
        State = (NeighbourState)header.ndm_state;
        Flags = (NeighbourFlags)header.ndm_flags;
        AttributeReader attributes = message.Attributes<NdMsg>();
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case NeighbourUapi.NDA_DST: Address = attributes.Payload.Length is 4 or 16 ? attributes.Ip() : null; break;
                case NeighbourUapi.NDA_LLADDR: Mac = attributes.Payload.Length == MacAddress.Length ? MacAddress.Read(attributes.Payload) : null; break;
                case NeighbourUapi.NDA_MASTER: Master = new IfIndex(attributes.I32()); break;
                case NeighbourUapi.NDA_PORT: Port = attributes.U16Be(); break;
                case NeighbourUapi.NDA_VNI: Vni = new Vni(attributes.U32()); break;
                case NeighbourUapi.NDA_VLAN: Vlan = attributes.U16(); break;
                case NeighbourUapi.NDA_PROTOCOL: Protocol = attributes.U8(); break;
                default: break;
            }
        }
    }

    /// <summary>AF_INET, AF_INET6, or AF_BRIDGE (7) of a forwarding entry.</summary>
    public byte Family { get; }

    public bool IsFdb => Family == 7;

    public IfIndex Dev { get; }

    public NeighbourState State { get; }

    public NeighbourFlags Flags { get; }

    /// <summary>The neighbour's address; of a forwarding entry the tunnel's remote end.</summary>
    public IpAddress? Address { get; }

    /// <summary>Null where it is not known yet, or not one of Ethernet.</summary>
    public MacAddress? Mac { get; }

    public IfIndex? Master { get; }

    public ushort Port { get; }

    public Vni? Vni { get; }

    public ushort Vlan { get; }

    public byte Protocol { get; }

    /// <summary>A copy that outlives the message.</summary>
    public Neighbour ToNeighbour() => new() { Family = Family, Dev = Dev, State = State, Flags = Flags, Address = Address, Mac = Mac, Master = Master, Port = Port, Vni = Vni, Vlan = Vlan, Protocol = Protocol };
}
