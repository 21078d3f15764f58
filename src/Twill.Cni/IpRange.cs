using System.Net;

namespace Twill.Cni;

/// <summary>A range of addresses to give out, as host-local describes it.</summary>
/// <remarks>
/// Source: the reference host-local plugin, backend/allocator/range.go: the same defaults, and the same refusals (host bits in the
/// subnet, fewer than four addresses, start or end outside). A gateway outside the subnet, which newer releases of it accept, is
/// refused here: a pod could not reach it.
/// </remarks>
public sealed record IpRange
{
    /// <summary>The network; its prefix length is the pod's.</summary>
    public required IpCidr Subnet { get; init; }

    /// <summary>As configured; <see cref="First"/> has the default.</summary>
    public IPAddress? RangeStart { get; init; }

    /// <summary>As configured; <see cref="Last"/> has the default.</summary>
    public IPAddress? RangeEnd { get; init; }

    /// <summary>As configured; <see cref="GatewayOrDefault"/> has the default.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>Networks and single addresses never given out; a key of ours.</summary>
    public IReadOnlyList<IpCidr> Exclude { get; init; } = [];

    /// <summary>The first address that may be given out: rangeStart, or the one after the network's.</summary>
    public IPAddress First => RangeStart ?? IpCidr.ToAddress(IpCidr.ToNumber(Subnet.Address) + 1, Subnet.IsIPv4);

    /// <summary>The last: rangeEnd, or the one before the broadcast address, or in IPv6, which has none, the very last.</summary>
    public IPAddress Last => RangeEnd ?? IpCidr.ToAddress((IpCidr.ToNumber(Subnet.Address) | Subnet.HostMask) - (Subnet.IsIPv4 ? UInt128.One : UInt128.Zero), Subnet.IsIPv4);

    /// <summary>The gateway, or the first address after the network's. It is never given out, wherever the range begins.</summary>
    public IPAddress GatewayOrDefault => Gateway ?? IpCidr.ToAddress(IpCidr.ToNumber(Subnet.Address) + 1, Subnet.IsIPv4);

    /// <summary>Could an address be of both?</summary>
    public bool Overlaps(IpRange other) => Subnet.IsIPv4 == other.Subnet.IsIPv4
        && IpCidr.ToNumber(First) <= IpCidr.ToNumber(other.Last) && IpCidr.ToNumber(other.First) <= IpCidr.ToNumber(Last);

    public override string ToString() => RangeStart is null && RangeEnd is null ? $"{Subnet}" : $"{Subnet} ({First}-{Last})";

    internal static List<IReadOnlyList<IpRange>> ReadSets(ref JsonInput json)
    {
        var sets = new List<IReadOnlyList<IpRange>>();
        json.Array();
        while (json.NextItem())
        {
            var set = new List<IpRange>();
            json.Array();
            while (json.NextItem())
                set.Add(Read(ref json));
            sets.Add(set.Count > 0 ? set : throw json.Invalid("is an empty set of ranges"));
        }

        return sets;
    }

    /// <summary>Puts a range together, when all its keys have been seen.</summary>
    internal static IpRange Make(ref readonly JsonInput json, IpCidr? subnet, IPAddress? start, IPAddress? end, IPAddress? gateway, IReadOnlyList<IpCidr> exclude)
    {
        if (subnet is not { } net)
            throw json.Invalid("subnet is missing");
        if (net.PrefixLength > net.AddressBits - 2)
            throw json.Invalid($"subnet {net} is too small to give out addresses from; the longest prefix is /{net.AddressBits - 2}");
        var range = new IpRange { Subnet = net, RangeStart = start, RangeEnd = end, Gateway = gateway, Exclude = exclude };
        if (start is not null && !net.Contains(start))
            throw json.Invalid($"rangeStart {start} is not in subnet {net}");
        if (end is not null && !net.Contains(end))
            throw json.Invalid($"rangeEnd {end} is not in subnet {net}");
        if (gateway is not null && !net.Contains(gateway))
            throw json.Invalid($"gateway {gateway} is not in subnet {net}");
        if (IpCidr.ToNumber(range.First) > IpCidr.ToNumber(range.Last))
            throw json.Invalid($"rangeStart {range.First} is behind rangeEnd {range.Last}");
        return range;
    }

    private static IpRange Read(ref JsonInput json)
    {
        IpCidr? subnet = null;
        IPAddress? start = null, end = null, gateway = null;
        IReadOnlyList<IpCidr> exclude = [];
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "subnet":
                    subnet = json.NetworkCidr();
                    break;
                case "rangeStart":
                    start = json.AddressOrNull();
                    break;
                case "rangeEnd":
                    end = json.AddressOrNull();
                    break;
                case "gateway":
                    gateway = json.AddressOrNull();
                    break;
                case "exclude":
                    exclude = json.NetworkCidrs(orAddresses: true);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        return Make(ref json, subnet, start, end, gateway, exclude);
    }
}
