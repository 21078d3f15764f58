using Twill.Linux.Route;

namespace Twill.Fabric.Services.Compile;

/// <summary>Prefixes of one family without those inside another: an interval set refuses overlaps.</summary>
internal static class Disjoint
{
    internal static List<IpPrefix> Of(IReadOnlyList<IpPrefix> prefixes, bool v6)
    {
        var kept = new List<IpPrefix>();
        foreach (IpPrefix prefix in prefixes.Where(p => p.IsV6 == v6).OrderBy(p => p.Length))
        {
            if (!kept.Exists(k => k.Contains(prefix.First))) kept.Add(prefix.Network);
        }

        return kept;
    }
}
