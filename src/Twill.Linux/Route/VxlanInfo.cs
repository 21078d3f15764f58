using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>A VXLAN device's settings. Source: IFLA_VXLAN_*, include/uapi/linux/if_link.h.</summary>
public readonly record struct VxlanInfo
{
    public Vni Vni { get; init; }

    /// <inheritdoc cref="VxlanSpec.Port"/>
    public ushort Port { get; init; }

    public IpAddress? Local { get; init; }

    public IfIndex? Dev { get; init; }

    public bool Learning { get; init; }

    public VxlanDf Df { get; init; }

    /// <summary>0: inherited from the route.</summary>
    public byte Ttl { get; init; }

    public bool UdpChecksum { get; init; }

    public bool UdpZeroChecksum6Tx { get; init; }

    public bool UdpZeroChecksum6Rx { get; init; }

    internal static VxlanInfo Read(ReadOnlySpan<byte> data)
    {
        var vxlan = default(VxlanInfo);
        var attributes = new AttributeReader(data);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case IfLinkUapi.IFLA_VXLAN_ID: vxlan = vxlan with { Vni = new Vni(attributes.U32()) }; break;
                case IfLinkUapi.IFLA_VXLAN_PORT: vxlan = vxlan with { Port = attributes.U16Be() }; break;
                case IfLinkUapi.IFLA_VXLAN_LOCAL or IfLinkUapi.IFLA_VXLAN_LOCAL6: vxlan = vxlan with { Local = attributes.Ip() }; break;
                case IfLinkUapi.IFLA_VXLAN_LINK: vxlan = vxlan with { Dev = new IfIndex(attributes.I32()) }; break;
                case IfLinkUapi.IFLA_VXLAN_LEARNING: vxlan = vxlan with { Learning = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_VXLAN_DF: vxlan = vxlan with { Df = (VxlanDf)attributes.U8() }; break;
                case IfLinkUapi.IFLA_VXLAN_TTL: vxlan = vxlan with { Ttl = attributes.U8() }; break;
                case IfLinkUapi.IFLA_VXLAN_UDP_CSUM: vxlan = vxlan with { UdpChecksum = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_VXLAN_UDP_ZERO_CSUM6_TX: vxlan = vxlan with { UdpZeroChecksum6Tx = attributes.U8() != 0 }; break;
                case IfLinkUapi.IFLA_VXLAN_UDP_ZERO_CSUM6_RX: vxlan = vxlan with { UdpZeroChecksum6Rx = attributes.U8() != 0 }; break;
                default: break;
            }
        }

        return vxlan;
    }
}
