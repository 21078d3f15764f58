using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>What a network's bridge shall be on a node, decided without asking the kernel. Prints itself as the commands that make it by hand.</summary>
public sealed record BridgePlan
{
    /// <summary>Of every bridge that we made; behind it may stand which address was last given out.</summary>
    public const string Mark = "twill bridge";

    private const string HintMark = " last=";

    public required string Name { get; init; }

    public required MacAddress Mac { get; init; }

    /// <summary>Bytes.</summary>
    public required int Mtu { get; init; }

    /// <summary>The pods' gateways, with the subnets' lengths; none where the bridge is no gateway.</summary>
    public required IReadOnlyList<IpPrefix> Addresses { get; init; }

    /// <param name="network">The network that the bridge is for.</param>
    /// <param name="gateways">Subnets and their gateways.</param>
    /// <param name="mtu">Of the underlay; the network's own wins.</param>
    public static BridgePlan For(NetworkSettings network, IReadOnlyList<PodAddress> gateways, int mtu) => new()
    {
        Name = network.Bridge.Name,
        Mac = MacOf(network.Bridge, gateways),
        Mtu = network.Bridge.Mtu ?? mtu,
        Addresses = network.Bridge.IsGateway ? AddressesOf(gateways) : [],
    };

    /// <summary>The bridge's alias with the address last given out.</summary>
    public static string AliasAfter(IpAddress last) => $"{Mark}{HintMark}{last}";

    /// <summary>The address last given out, as an alias tells it.</summary>
    public static IpAddress? HintOf(string alias)
    {
        int at = alias.IndexOf(HintMark, StringComparison.Ordinal);
        return at >= 0 && IpAddress.TryParse(alias.AsSpan(at + HintMark.Length), out IpAddress last) ? last : null;
    }

    /// <summary>Made of the gateway's address, so that it is the same when the bridge is made again and pods' neighbour entries stay right.</summary>
    public static MacAddress MacOf(BridgeSettings settings, IReadOnlyList<PodAddress> gateways)
        => gateways.Count > 0 && gateways[0].Gateway is { } gateway ? PodPlan.MacOf(gateway) : new MacAddress(0x0a5900000000 | (Hash64.Of(settings.Name) & 0xffffffff));

    private static List<IpPrefix> AddressesOf(IReadOnlyList<PodAddress> gateways)
    {
        var addresses = new List<IpPrefix>(gateways.Count);
        foreach (PodAddress gateway in gateways)
        {
            if (gateway.Gateway is { } address) addresses.Add(new IpPrefix(address, gateway.Address.Length));
        }

        return addresses;
    }

    /// <summary>The commands that make this bridge by hand. Forwarding is the node's affair.</summary>
    /// <param name="node">The named namespace that is the node; null: here.</param>
    public IEnumerable<string> ToLines(string? node = null)
    {
        string ip = node is null ? "ip" : $"ip -n {node}";
        yield return $"{ip} link add {Name} address {Mac} mtu {Mtu} type bridge";

        // The MTU of the creation would follow the ports'; one that is set stays.
        yield return $"{ip} link set {Name} mtu {Mtu} alias \"{Mark}\"";

        // No pod may tell the node its routes; a machine without IPv6 has no such settings (-e).
        yield return $"{(node is null ? "" : $"ip netns exec {node} ")}sysctl -eqw net.ipv6.conf.{Name.Replace('.', '/')}.accept_ra=0 net.ipv6.conf.{Name.Replace('.', '/')}.autoconf=0";
        yield return $"{ip} link set {Name} up";
        foreach (IpPrefix address in Addresses) yield return $"{ip} addr add {address} dev {Name}{(address.IsV6 ? " nodad" : "")}";
    }
}
