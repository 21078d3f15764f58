using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Compile;

/// <summary>What leads from one content of the table to another, to be done in one transaction.</summary>
public sealed class ServiceDifference
{
    /// <summary>
    /// Endpoints that are gone stay among those that may reach themselves: a packet that was sent to one by the old table, and asks here for its source by the new,
    /// would bind its connection to a source that gets no answer. Any address may be there; so many are left.
    /// </summary>
    private const int MaxIdleHairpins = 1000;

    /// <summary>Unused chains are left for the next service with as many endpoints.</summary>
    private const int MaxIdleChains = 64;

    private readonly Dictionary<string, List<NftElement>> _remove = [], _add = [];

    /// <summary>Chains to be made by a transaction before that of the elements which name them.</summary>
    /// <remarks>A packet that began by the old table would find the element but no rule in the chain, and go on untranslated.</remarks>
    public List<SpreadChain> NewChains { get; } = [];

    /// <summary>Chains that nothing names any more, if there are many.</summary>
    public List<string> OldChains { get; } = [];

    public bool IsEmpty => _remove.Count == 0 && _add.Count == 0 && NewChains.Count == 0 && OldChains.Count == 0;

    /// <summary>Elements removed, and added.</summary>
    public (int Removed, int Added) Count => (_remove.Values.Sum(l => l.Count), _add.Values.Sum(l => l.Count));

    public IReadOnlyList<NftElement> Removed(NftSet set) => _remove.TryGetValue(set.Name, out List<NftElement>? list) ? list : [];

    public IReadOnlyList<NftElement> Added(NftSet set) => _add.TryGetValue(set.Name, out List<NftElement>? list) ? list : [];

    /// <summary>Between two plans. If the second was made from the first, nothing but what changed is looked at.</summary>
    /// <param name="present">Names of the chains that spread; null: those of the first plan.</param>
    public static ServiceDifference Between(ServicePlan before, ServicePlan after, IReadOnlySet<string>? present = null)
    {
        var difference = new ServiceDifference();
        if (ReferenceEquals(after.BasedOn, before.Identity))
        {
            var old = new List<ServiceElement>();
            var wanted = new List<ServiceElement>();
            foreach (CompiledService gone in after.Gone) old.AddRange(gone.Elements());
            foreach (CompiledService came in after.Came) wanted.AddRange(came.Elements());
            foreach (IpAddress local in after.Gone.Concat(after.Came).SelectMany(s => s.Local).Distinct())
            {
                if (before.Local.ContainsKey(local)) old.Add(ServicePlan.Hairpin(local));
                if (after.Local.ContainsKey(local)) wanted.Add(ServicePlan.Hairpin(local));
            }

            difference.Compare(old, wanted);
        }
        else
        {
            difference.Compare(before.Elements(), after.Elements());
        }

        difference.CompareChains(present ?? before.Chains.Select(c => c.Name).ToHashSet(), after);
        return difference;
    }

    /// <summary>These, where none of them is.</summary>
    internal static ServiceDifference Of(IEnumerable<ServiceElement> elements)
    {
        var difference = new ServiceDifference();
        difference.Compare([], elements);
        return difference;
    }

    /// <summary>From what the kernel holds to a plan.</summary>
    /// <param name="elements">Of all our sets, as read.</param>
    /// <param name="chains">Names of the table's chains that spread.</param>
    public static ServiceDifference From(IEnumerable<ServiceElement> elements, IReadOnlySet<string> chains, ServicePlan after)
    {
        var difference = new ServiceDifference();
        difference.Compare(elements, after.Elements());
        difference.CompareChains(chains, after);
        return difference;
    }

    private void CompareChains(IReadOnlySet<string> present, ServicePlan after)
    {
        var names = new HashSet<string>();
        foreach (SpreadChain chain in after.Chains)
        {
            names.Add(chain.Name);
            if (!present.Contains(chain.Name)) NewChains.Add(chain);
        }

        List<string> idle = [.. present.Where(c => !names.Contains(c))];
        if (idle.Count > MaxIdleChains) OldChains.AddRange(idle);
    }

    private void Compare(IEnumerable<ServiceElement> before, IEnumerable<ServiceElement> after)
    {
        var there = new Dictionary<(string Set, NftBytes Key, NftBytes? Last), NftElement>();
        foreach ((NftSet set, NftElement element) in before) there.TryAdd((set.Name, element.Key, element.Last), element);
        foreach ((NftSet set, NftElement element) in after)
        {
            if (there.Remove((set.Name, element.Key, element.Last), out NftElement? old))
            {
                if (old.Data == element.Data && old.Verdict == element.Verdict && old.Comment == element.Comment) continue;
                Put(_remove, set.Name, old);
            }

            Put(_add, set.Name, element);
        }

        int idle = 0;
        foreach (((string set, _, _), NftElement element) in there)
        {
            if (ServiceTable.IsHairpin(set) && ++idle <= MaxIdleHairpins) continue;
            Put(_remove, set, element);
        }
    }

    private static void Put(Dictionary<string, List<NftElement>> into, string set, NftElement element)
    {
        if (!into.TryGetValue(set, out List<NftElement>? list)) into[set] = list = [];
        list.Add(element);
    }
}
