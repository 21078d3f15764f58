using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>A bridge's settings. Source: IFLA_BR_*, include/uapi/linux/if_link.h.</summary>
public readonly record struct BridgeInfo
{
    public bool Stp { get; init; }

    /// <inheritdoc cref="BridgeSpec.AgeingTimeCs"/>
    public uint AgeingTimeCs { get; init; }

    /// <inheritdoc cref="BridgeSpec.ForwardDelayCs"/>
    public uint ForwardDelayCs { get; init; }

    public bool VlanFiltering { get; init; }

    /// <inheritdoc cref="BridgeSpec.NfCallIptables"/>
    public bool NfCallIptables { get; init; }

    /// <inheritdoc cref="BridgeSpec.NfCallIptables"/>
    public bool NfCallIp6tables { get; init; }

    public bool McastSnooping { get; init; }

    internal static BridgeInfo Read(ReadOnlySpan<byte> data)
    {
        var bridge = default(BridgeInfo);
        var attributes = new AttributeReader(data);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case IfLinkUapi.IFLA_BR_STP_STATE: bridge = bridge with { Stp = attributes.U32() != 0 }; break;
                case IfLinkUapi.IFLA_BR_AGEING_TIME: bridge = bridge with { AgeingTimeCs = attributes.U32() }; break;
                case IfLinkUapi.IFLA_BR_FORWARD_DELAY: bridge = bridge with { ForwardDelayCs = attributes.U32() }; break;
                case IfLinkUapi.IFLA_BR_VLAN_FILTERING: bridge = bridge with { VlanFiltering = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_BR_NF_CALL_IPTABLES: bridge = bridge with { NfCallIptables = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_BR_NF_CALL_IP6TABLES: bridge = bridge with { NfCallIp6tables = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_BR_MCAST_SNOOPING: bridge = bridge with { McastSnooping = attributes.U8() != 0 }; break;
                default: break;
            }
        }

        return bridge;
    }
}
