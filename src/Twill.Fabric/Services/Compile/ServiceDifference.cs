using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Compile;

/// <summary>What leads from one content of the table to another, to be done in one transaction.</summary>
public sealed class ServiceDifference
{
    private readonly Dictionary<string, List<NftElement>> _remove = [], _add = [];

    /// <summary>Chains to be made before the elements that name them.</summary>
    public List<SpreadChain> NewChains { get; } = [];

    /// <summary>Chains that nothing names any more.</summary>
    public List<string> OldChains { get; } = [];

    public bool IsEmpty => _remove.Count == 0 && _add.Count == 0 && NewChains.Count == 0 && OldChains.Count == 0;

    /// <summary>Elements removed, and added.</summary>
    public (int Removed, int Added) Count => (_remove.Values.Sum(l => l.Count), _add.Values.Sum(l => l.Count));

    public IReadOnlyList<NftElement> Removed(NftSet set) => _remove.TryGetValue(set.Name, out List<NftElement>? list) ? list : [];

    public IReadOnlyList<NftElement> Added(NftSet set) => _add.TryGetValue(set.Name, out List<NftElement>? list) ? list : [];

    /// <summary>Between two plans. If the second was made from the first, nothing but what changed is looked at.</summary>
    public static ServiceDifference Between(ServicePlan before, ServicePlan after)
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

        difference.NewChains.AddRange(after.ChainUse.Keys.Where(c => !before.ChainUse.ContainsKey(c)));
        difference.OldChains.AddRange(before.ChainUse.Keys.Where(c => !after.ChainUse.ContainsKey(c)).Select(c => c.Name));
        return difference;
    }

    /// <summary>From what the kernel holds to a plan.</summary>
    /// <param name="elements">Of all our sets, as read.</param>
    /// <param name="chains">Names of the table's chains that spread.</param>
    public static ServiceDifference From(IEnumerable<ServiceElement> elements, IReadOnlySet<string> chains, ServicePlan after)
    {
        var difference = new ServiceDifference();
        difference.Compare(elements, after.Elements());
        var names = new HashSet<string>();
        foreach (SpreadChain chain in after.Chains)
        {
            names.Add(chain.Name);
            if (!chains.Contains(chain.Name)) difference.NewChains.Add(chain);
        }

        difference.OldChains.AddRange(chains.Where(c => !names.Contains(c)));
        return difference;
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

        foreach (((string set, _, _), NftElement element) in there) Put(_remove, set, element);
    }

    private static void Put(Dictionary<string, List<NftElement>> into, string set, NftElement element)
    {
        if (!into.TryGetValue(set, out List<NftElement>? list)) into[set] = list = [];
        list.Add(element);
    }
}
