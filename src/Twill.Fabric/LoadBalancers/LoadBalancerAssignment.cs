using Twill.Linux.Route;

namespace Twill.Fabric.LoadBalancers;

/// <summary>Gives services addresses from pools: no address twice, requests honoured or refused with the reason, and nobody moved who need not be. Pure.</summary>
public static class LoadBalancerAssignment
{
    /// <summary>Free addresses are looked for among so many of a pool; a larger one is not looked at to its end.</summary>
    internal const int MaxLooked = 1 << 16;

    /// <remarks>
    /// In this order, each in the order of the services' names: what services have and asked for; what they asked for; what they have; what is
    /// free. So a request wins over what somebody has by chance, never over what somebody asked for and has.
    /// </remarks>
    public static IReadOnlyList<LoadBalancerGrant> Of(IReadOnlyList<IpPrefix> pools, IReadOnlyCollection<LoadBalancerClaim> claims)
    {
        var owners = new Dictionary<IpAddress, string>();
        List<LoadBalancerClaim> inOrder = [.. claims.OrderBy(c => c.Service, StringComparer.Ordinal)];
        var given = inOrder.ToDictionary(c => c.Service, _ => new List<IpAddress>(2), StringComparer.Ordinal);
        var refusals = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (LoadBalancerClaim claim in inOrder) Each(claim, claim.Requested.Where(claim.Current.Contains), refuse: true);
        foreach (LoadBalancerClaim claim in inOrder) Each(claim, claim.Requested, refuse: true);
        foreach (LoadBalancerClaim claim in inOrder) Each(claim, claim.Current.Where(a => Wants(claim, a.IsV6)), refuse: false);
        foreach (LoadBalancerClaim claim in inOrder)
        {
            foreach (bool v6 in (ReadOnlySpan<bool>)[false, true])
            {
                if (!Wants(claim, v6) || Has(claim, v6) || claim.Requested.Any(r => r.IsV6 == v6)) continue;
                if (Free(pools, v6, owners) is { } free) Give(claim, free);
                else refusals.TryAdd(claim.Service, $"no free {(v6 ? "IPv6" : "IPv4")} address in {Text(pools, v6)}: enlarge the pool, or add one");
            }
        }

        return [.. inOrder.Select(c => new LoadBalancerGrant(c.Service, given[c.Service], refusals.GetValueOrDefault(c.Service)))];

        bool Has(LoadBalancerClaim claim, bool v6) => given[claim.Service].Exists(a => a.IsV6 == v6);

        void Give(LoadBalancerClaim claim, IpAddress address)
        {
            owners.Add(address, claim.Service);
            given[claim.Service].Add(address);
        }

        void Each(LoadBalancerClaim claim, IEnumerable<IpAddress> addresses, bool refuse)
        {
            foreach (IpAddress address in addresses)
            {
                if (given[claim.Service].Contains(address)) continue;
                string? why = !pools.Any(p => IsIn(p, address)) ? $"{address} is in no pool ({Text(pools, address.IsV6)})"
                    : owners.TryGetValue(address, out string? owner) ? $"{address} belongs to service {owner}"
                    : Has(claim, address.IsV6) ? $"{address} is a second address of its family: a service has one of each"
                    : null;
                if (why is null) Give(claim, address);
                else if (refuse) refusals.TryAdd(claim.Service, why);
            }
        }
    }

    private static bool Wants(LoadBalancerClaim claim, bool v6) => v6 ? claim.V6 : claim.V4;

    private static IpAddress? Free(IReadOnlyList<IpPrefix> pools, bool v6, Dictionary<IpAddress, string> owners)
    {
        foreach (IpPrefix pool in pools)
        {
            if (pool.IsV6 != v6) continue;
            IpAddress candidate = pool.First;
            for (int i = 0; i < MaxLooked && pool.Contains(candidate); i++)
            {
                if (IsIn(pool, candidate) && !owners.ContainsKey(candidate)) return candidate;
                if (candidate == pool.Last) break;
                candidate = candidate with { Value = candidate.Value + UInt128.One };
            }
        }

        return null;
    }

    /// <summary>The first and last of an IPv4 pool of /24 and larger are left out: on a link with that prefix they are the network's.</summary>
    private static bool IsIn(IpPrefix pool, IpAddress address)
        => pool.IsV6 == address.IsV6 && pool.Contains(address) && (pool.IsV6 || pool.Length > 24 || (address != pool.First && address != pool.Last));

    private static string Text(IReadOnlyList<IpPrefix> pools, bool v6)
    {
        string all = string.Join(", ", pools.Where(p => p.IsV6 == v6));
        return all.Length == 0 ? $"there is none of {(v6 ? "IPv6" : "IPv4")}" : all;
    }
}
