using System.Globalization;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Backends;

/// <summary>What follows from the nodes' addresses alone, so that no node needs to tell another about its tunnel's end.</summary>
public static class Overlay
{
    /// <summary>Bytes that VXLAN takes from a packet: outer IP, UDP 8, VXLAN 8, inner Ethernet 14. Source: RFC 7348 section 5.</summary>
    public const int OverheadV4 = 50, OverheadV6 = 70;

    public static int OverheadOf(bool outerV6) => outerV6 ? OverheadV6 : OverheadV4;

    /// <summary>The family of the outer packets: IPv4 where every node has an address of it, else IPv6.</summary>
    /// <exception cref="FabricException">Neither is spoken by all: both nodes are named.</exception>
    public static bool OuterIsV6(Cluster cluster)
    {
        ClusterNode? withoutV4 = null, withoutV6 = null;
        foreach (ClusterNode node in cluster.Nodes)
        {
            if (withoutV4 is null && node.PrefixOf(v6: false) is null) withoutV4 = node;
            if (withoutV6 is null && node.PrefixOf(v6: true) is null) withoutV6 = node;
        }

        if (withoutV4 is null) return false;
        if (withoutV6 is null) return true;
        throw new FabricException(FabricFault.Configuration, $"no tunnel can carry all nodes: {withoutV4.Name} has no IPv4 address and {withoutV6.Name} no IPv6 address; give one of them the other's family, or use backend \"direct\"");
    }

    /// <summary>The hardware address of a node's tunnel end: 0a:5a and the IPv4 address, or 06 and 40 bits of the IPv6 address's hash.</summary>
    public static MacAddress MacOf(IpAddress node) => new(node.IsV6
        ? 0x060000000000UL | (Hash64.Of(node.Value.ToString("x32", CultureInfo.InvariantCulture)) & 0xff_ffff_ffff)
        : 0x0a5a00000000UL | (uint)node.Value);

    /// <summary>The IPv4 address that a tunnel end's hardware address was made of; null: it was made of something else.</summary>
    public static IpAddress? AddressBehind(MacAddress mac) => mac.Value >> 32 == 0x0a5a ? IpAddress.V4((uint)mac.Value) : null;

    /// <summary>A tunnel end's own address of a family: the first of the node's block, which no pod gets.</summary>
    public static IpAddress? AddressOf(ClusterNode node, bool v6) => node.BlockOf(v6)?.First;

    /// <summary>By which address others name a tunnel end as next hop: of IPv4 its own, of IPv6 the link-local one made of its hardware address.</summary>
    /// <remarks>
    /// An IPv6 gateway inside the block it leads to would be refused as long as a direct route to the block is there, "Nexthop has invalid
    /// gateway or device mismatch" (ip6_route_check_nh_onlink): a node could not move away without a gap.
    /// </remarks>
    public static IpAddress GatewayOf(ClusterNode node, bool v6, bool outerV6)
        => v6 ? LinkLocalOf(MacOf(node.AddressOf(outerV6)!.Value)) : AddressOf(node, v6: false)!.Value;

    /// <summary>Whose link-local address this is; null: it is none, or was not made of a hardware address.</summary>
    public static MacAddress? MacBehind(IpAddress address)
    {
        if (!address.IsV6 || address.Value >> 64 != 0xfe80000000000000) return null;
        ulong identifier = (ulong)address.Value;
        return ((identifier >> 24) & 0xffff) != 0xfffe ? null : new MacAddress((((identifier >> 40) << 24) | (identifier & 0xffffff)) ^ 0x020000000000);
    }

    /// <summary>fe80::/64 with the modified EUI-64 of a hardware address. Source: RFC 4291 appendix A.</summary>
    private static IpAddress LinkLocalOf(MacAddress mac)
    {
        ulong flipped = mac.Value ^ 0x020000000000;
        ulong identifier = ((flipped >> 24) << 40) | 0xfffe000000UL | (flipped & 0xffffff);
        return new IpAddress(((UInt128)0xfe80000000000000 << 64) | identifier, IsV6: true);
    }
}
