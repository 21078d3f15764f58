using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>A link's settings as a port of a bridge. Source: IFLA_BRPORT_*, include/uapi/linux/if_link.h.</summary>
public readonly record struct BridgePort
{
    public BridgePortState State { get; init; }

    /// <inheritdoc cref="BridgePortFlags.Hairpin"/>
    public bool Hairpin { get; init; }

    /// <inheritdoc cref="BridgePortFlags.Isolated"/>
    public bool Isolated { get; init; }

    /// <inheritdoc cref="BridgePortFlags.Locked"/>
    public bool Locked { get; init; }

    public bool Learning { get; init; }

    /// <inheritdoc cref="BridgePortFlags.Flood"/>
    public bool Flood { get; init; }

    public bool McastFlood { get; init; }

    public bool BroadcastFlood { get; init; }

    /// <inheritdoc cref="BridgePortFlags.NeighSuppress"/>
    public bool NeighSuppress { get; init; }

    internal static BridgePort Read(ReadOnlySpan<byte> data)
    {
        var port = default(BridgePort);
        var attributes = new AttributeReader(data);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case IfLinkUapi.IFLA_BRPORT_STATE: port = port with { State = (BridgePortState)attributes.U8() }; break;
                case IfLinkUapi.IFLA_BRPORT_MODE: port = port with { Hairpin = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_BRPORT_ISOLATED: port = port with { Isolated = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_BRPORT_LOCKED: port = port with { Locked = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_BRPORT_LEARNING: port = port with { Learning = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_BRPORT_UNICAST_FLOOD: port = port with { Flood = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_BRPORT_MCAST_FLOOD: port = port with { McastFlood = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_BRPORT_BCAST_FLOOD: port = port with { BroadcastFlood = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_BRPORT_NEIGH_SUPPRESS: port = port with { NeighSuppress = attributes.U8() != 0 }; break;
                default: break;
            }
        }

        return port;
    }
}
