using System.Collections.Immutable;
using System.Text;
using Twill.Fabric.Services.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Compile;

/// <summary>What the table shall hold; prints itself as a script of nft.</summary>
public sealed class ServicePlan
{
    internal ServicePlan(ServiceNode node, IReadOnlyList<ServiceDescription> order, ImmutableDictionary<(string Namespace, string Name), CompiledService> services, ImmutableDictionary<(FrontendKey Key, bool Inside), ServiceFrontend> frontends, ImmutableDictionary<IpAddress, int> local, Dictionary<SpreadChain, int> chains)
    {
        Order = order;
        Node = node;
        ByName = services;
        ByKey = frontends;
        Local = local;
        ChainUse = chains;
    }

    public ServiceNode Node { get; }

    public IReadOnlyDictionary<(string Namespace, string Name), CompiledService> Services => ByName;

    /// <summary>Distinct ways of spreading in use: as many chains, however many services.</summary>
    public IReadOnlyCollection<SpreadChain> Chains => ChainUse.Keys;

    /// <summary>Services that this plan compiled; the others are the previous plan's.</summary>
    public int Compiled => Came.Count;

    internal ImmutableDictionary<(string Namespace, string Name), CompiledService> ByName { get; }

    internal ImmutableDictionary<(FrontendKey Key, bool Inside), ServiceFrontend> ByKey { get; }

    /// <summary>Endpoint addresses of this node, and how many services have each.</summary>
    internal ImmutableDictionary<IpAddress, int> Local { get; }

    internal Dictionary<SpreadChain, int> ChainUse { get; }

    /// <summary>The descriptions as they came: the snapshot's own list.</summary>
    public IReadOnlyList<ServiceDescription> Order { get; }

    /// <summary>Services want the same frontend: which one gets it depends on their order.</summary>
    internal bool HasDenied { get; init; }

    /// <summary>Tells plans apart without keeping them alive.</summary>
    internal object Identity { get; } = new();

    /// <summary>The plan that <see cref="Gone"/> and <see cref="Came"/> lead here from; null: all came.</summary>
    internal object? BasedOn { get; init; }

    internal IReadOnlyList<CompiledService> Gone { get; init; } = [];

    internal IReadOnlyList<CompiledService> Came { get; init; } = [];

    internal IEnumerable<ServiceFrontend> Frontends => Ordered.SelectMany(s => s.Frontends);

    /// <summary>In the order of the descriptions: that of the dictionaries is another in each process.</summary>
    private IEnumerable<CompiledService> Ordered => Order.Select(d => ByName[(d.Namespace, d.Name)]);

    /// <summary>The order of a frontend's endpoints; null: it is not in the plan.</summary>
    public ImmutableArray<Backend>? Arranged(FrontendKey key, bool inside) => ByKey.TryGetValue((key, inside), out ServiceFrontend? frontend) ? frontend.Backends : null;

    /// <summary>What belongs to no single service.</summary>
    public IEnumerable<ServiceElement> NodeElements()
    {
        foreach (IpAddress local in Local.Keys.Order()) yield return Hairpin(local);
        foreach (IpPrefix block in Disjoint.Of(Node.PodBlocks, false)) yield return new(ServiceTable.Sets(false).Pods, NftElement.Of(block));
        foreach (IpPrefix block in Disjoint.Of(Node.PodBlocks, true)) yield return new(ServiceTable.Sets(true).Pods, NftElement.Of(block));
    }

    internal static ServiceElement Hairpin(IpAddress local)
    {
        NftBytes address = NftBytes.Of(local);
        return new(ServiceTable.Sets(local.IsV6).Hairpin, NftElement.Of(address, address));
    }

    public IEnumerable<ServiceElement> Elements()
    {
        foreach (ServiceElement element in NodeElements()) yield return element;
        foreach (CompiledService service in Ordered)
        {
            foreach (ServiceElement element in service.Elements()) yield return element;
        }
    }

    /// <summary>All elements in lists of about so many, no service in two of them.</summary>
    internal IEnumerable<List<ServiceElement>> Portions(int elements)
    {
        var list = new List<ServiceElement>(elements);
        foreach (ServiceElement element in NodeElements())
        {
            list.Add(element);
            if (list.Count < elements) continue;
            yield return list;
            list.Clear();
        }

        foreach (CompiledService service in Ordered)
        {
            list.AddRange(service.Elements());
            if (list.Count < elements) continue;
            yield return list;
            list.Clear();
        }

        if (list.Count > 0) yield return list;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(NftText.Line(ServiceTable.Table)).Append('\n');
        foreach (NftSet set in ServiceTable.AllSets) text.Append(NftText.Line(set)).Append('\n');
        SpreadChain[] chains = [.. Chains.OrderBy(c => c.Name, StringComparer.Ordinal)];
        foreach (NftChain chain in ServiceTable.Chains) text.Append(NftText.Line(chain)).Append('\n');
        foreach (SpreadChain chain in chains) text.Append(NftText.Line(chain.Chain)).Append('\n');
        foreach (NftRule rule in ServiceTable.Rules) text.Append(NftText.Line(rule)).Append('\n');
        foreach (NftRule rule in chains.SelectMany(c => c.Rules())) text.Append(NftText.Line(rule)).Append('\n');
        foreach (ServiceElement element in Elements()) text.Append(element).Append('\n');
        return text.ToString();
    }
}
