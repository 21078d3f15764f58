using Twill.Linux.Route;

namespace Twill.Fabric.Ipam;

/// <summary>A run of addresses of one subnet that pods may get.</summary>
/// <remarks>
/// host-local's meaning: the network address, an IPv4 broadcast address and the gateway are never given out; the gateway is the
/// subnet's first address unless named. Source: containernetworking/plugins, plugins/ipam/host-local/README.md.
/// </remarks>
public sealed class AddressRange
{
    private readonly IpPrefix[] _excluded;

    private AddressRange(IpPrefix subnet, IpAddress first, IpAddress last, IpAddress gateway, IpPrefix[] excluded)
    {
        Subnet = subnet;
        First = first;
        Last = last;
        Gateway = gateway;
        _excluded = excluded;
    }

    public IpPrefix Subnet { get; }

    /// <summary>First address of the run; it may be excluded itself.</summary>
    public IpAddress First { get; }

    public IpAddress Last { get; }

    public IpAddress Gateway { get; }

    /// <summary>Addresses from <see cref="First"/> to <see cref="Last"/>, with the excluded ones.</summary>
    public UInt128 Span => Last.Value - First.Value + UInt128.One;

    /// <exception cref="FabricException">The subnet has host bits or is too small; a bound, the gateway or an exclusion lies outside.</exception>
    public static AddressRange Create(IpPrefix subnet, IpAddress? first = null, IpAddress? last = null, IpAddress? gateway = null, IReadOnlyList<IpPrefix>? excluded = null)
    {
        if (subnet.Network != subnet) throw Bad($"subnet {subnet} has host bits set; the network is {subnet.Network}");
        if (subnet.Length > subnet.Address.Bits - 2) throw Bad($"subnet {subnet} is too small: the smallest is /{subnet.Address.Bits - 2}, one gateway and one pod");

        IpAddress lowest = subnet.First with { Value = subnet.First.Value + UInt128.One };
        IpAddress highest = subnet.IsV6 ? subnet.Last : subnet.Last with { Value = subnet.Last.Value - UInt128.One };
        IpAddress from = Within(first, "rangeStart", lowest), to = Within(last, "rangeEnd", highest);
        if (from < lowest) from = lowest;
        if (to > highest) to = highest;
        if (to < from) throw Bad($"range of subnet {subnet} is empty: it starts at {from} and ends at {to}");
        if (gateway is { } g && (g.IsV6 != subnet.IsV6)) throw Bad($"gateway {g} is not of the same family as subnet {subnet}");
        foreach (IpPrefix prefix in excluded ?? [])
        {
            if (prefix.IsV6 == subnet.IsV6 && prefix.Length < subnet.Length && prefix.Contains(subnet.First)) throw Bad($"exclusion {prefix} leaves nothing of subnet {subnet}");
        }

        return new AddressRange(subnet, from, to, gateway ?? lowest, excluded is null ? [] : [.. excluded]);

        IpAddress Within(IpAddress? bound, string field, IpAddress otherwise) => bound is not { } b ? otherwise : subnet.Contains(b) ? b : throw Bad($"{field} {b} lies outside subnet {subnet}");

        static FabricException Bad(string message) => new(FabricFault.Configuration, message);
    }

    /// <summary>Whether a pod may have this address by free choice.</summary>
    public bool IsUsable(IpAddress address)
    {
        if (address.IsV6 != Subnet.IsV6 || address < First || address > Last || address == Gateway) return false;
        foreach (IpPrefix prefix in _excluded)
        {
            if (prefix.Contains(address)) return false;
        }

        return true;
    }

    /// <summary>Why a pod may not have this address on request; null if it may. Exclusions are for free choice only: a request may name an excluded address.</summary>
    public string? WhyNotOnRequest(IpAddress address)
    {
        if (!Subnet.Contains(address)) return $"it lies outside subnet {Subnet}";
        if (address == Gateway) return "it is the gateway's";
        if (address == Subnet.First) return "it is the network's own address";
        if (!Subnet.IsV6 && address == Subnet.Last) return "it is the broadcast address";
        return address < First || address > Last ? $"it lies outside the range {First}-{Last}" : null;
    }

    /// <summary>The first usable address that is <paramref name="from"/> or higher; null at the range's end.</summary>
    /// <remarks>Jumps over each exclusion, so it takes at most as many steps as there are exclusions, whatever their size.</remarks>
    public IpAddress? UsableFrom(IpAddress from)
    {
        IpAddress candidate = from < First ? First : from;
        while (candidate <= Last)
        {
            IpAddress blocked = candidate;
            if (candidate == Gateway) blocked = Next(candidate);
            foreach (IpPrefix prefix in _excluded)
            {
                if (!prefix.Contains(candidate)) continue;
                if (prefix.Last >= Last) return null;
                blocked = Next(prefix.Last);
            }

            if (blocked == candidate) return candidate;
            candidate = blocked;
        }

        return null;

        static IpAddress Next(IpAddress address) => address with { Value = address.Value + UInt128.One };
    }

    /// <summary>Addresses that pods can get; counted exactly up to 2^20, larger ranges minus the gateway.</summary>
    public UInt128 CountUsable()
    {
        if (Span > 1 << 20) return Span - (Gateway >= First && Gateway <= Last ? UInt128.One : UInt128.Zero);
        UInt128 count = 0;
        for (IpAddress? address = UsableFrom(First); address is { } a; address = UsableFrom(a with { Value = a.Value + UInt128.One })) count++;
        return count;
    }

    public override string ToString() => Subnet.ToString();
}
