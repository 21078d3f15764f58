using Twill.Linux.Netns;

namespace Twill.Linux.Route;

/// <summary>A VXLAN device to be made. Null leaves the kernel's choice.</summary>
public readonly record struct VxlanSpec
{
    public required string Name { get; init; }

    public required Vni Vni { get; init; }

    /// <summary>UDP destination port. IANA's is 4789; the kernel's own default, for the sake of its age, is 8472.</summary>
    public ushort Port { get; init; }

    /// <summary>Source address of the outer packets; its family is the tunnel's.</summary>
    public IpAddress? Local { get; init; }

    /// <summary>Underlay device.</summary>
    public IfIndex? Dev { get; init; }

    /// <summary>Whether addresses are learned from packets received; false where the control plane knows them all.</summary>
    public bool? Learning { get; init; }

    public VxlanDf? Df { get; init; }

    /// <summary>Of the outer header; null: inherited from the route.</summary>
    public byte? Ttl { get; init; }

    /// <summary>Checksum of outer UDP over IPv4.</summary>
    public bool? UdpChecksum { get; init; }

    /// <summary>No checksum in sent outer UDP over IPv6.</summary>
    public bool? UdpZeroChecksum6Tx { get; init; }

    /// <summary>Accept outer UDP over IPv6 without checksum.</summary>
    public bool? UdpZeroChecksum6Rx { get; init; }

    /// <summary>UDP source ports, first and last.</summary>
    public (ushort First, ushort Last)? SourcePorts { get; init; }

    /// <summary>The device's own address: the VTEP's.</summary>
    public MacAddress? Mac { get; init; }

    public Mtu? Mtu { get; init; }

    public bool Up { get; init; }

    public NetworkNamespace? Namespace { get; init; }

    public uint? Group { get; init; }
}
