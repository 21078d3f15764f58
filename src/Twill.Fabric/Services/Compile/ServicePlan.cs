using System.Collections.Immutable;
using System.Text;
using Twill.Fabric.Services.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Compile;

/// <summary>What the table shall hold; prints itself as a script of nft.</summary>
public sealed class ServicePlan
{
    internal ServicePlan(ServiceNode node, Dictionary<(string Namespace, string Name), CompiledService> services)
    {
        Node = node;
        Services = services;
        foreach (CompiledService service in services.Values)
        {
            foreach (ServiceFrontend frontend in service.Frontends) _frontends.TryAdd((frontend.Key, frontend.Inside), frontend);
            foreach (IpAddress local in service.Local) _local.Add(local);
        }
    }

    private readonly Dictionary<(FrontendKey, bool), ServiceFrontend> _frontends = [];
    private readonly SortedSet<IpAddress> _local = [];

    public ServiceNode Node { get; }

    public IReadOnlyDictionary<(string Namespace, string Name), CompiledService> Services { get; }

    /// <summary>Distinct ways of spreading in use: as many chains, however many services.</summary>
    public IReadOnlySet<SpreadChain> Chains
    {
        get
        {
            var chains = new HashSet<SpreadChain>();
            foreach (ServiceFrontend frontend in _frontends.Values)
            {
                if (frontend.Kind is not FrontendKind.Drop and not FrontendKind.Reject)
                    chains.Add(new SpreadChain(frontend.Kind, frontend.Kind == FrontendKind.Maglev ? MaglevTable.Size : frontend.Backends.Length, frontend.AffinitySeconds, frontend.V6, frontend.Inside));
            }

            return chains;
        }
    }

    internal IReadOnlyCollection<ServiceFrontend> Frontends => _frontends.Values;

    /// <summary>The order of a frontend's endpoints; null: it is not in the plan.</summary>
    public ImmutableArray<Backend>? Arranged(FrontendKey key, bool inside) => _frontends.TryGetValue((key, inside), out ServiceFrontend? frontend) ? frontend.Backends : null;

    /// <summary>What belongs to no single service.</summary>
    public IEnumerable<ServiceElement> NodeElements()
    {
        foreach (IpAddress local in _local)
        {
            NftBytes address = NftBytes.Of(local);
            yield return new(ServiceTable.Sets(local.IsV6).Hairpin, NftElement.Of(address, address));
        }

        foreach (IpPrefix block in Disjoint.Of(Node.PodBlocks, false)) yield return new(ServiceTable.Sets(false).Pods, NftElement.Of(block));
        foreach (IpPrefix block in Disjoint.Of(Node.PodBlocks, true)) yield return new(ServiceTable.Sets(true).Pods, NftElement.Of(block));
    }

    public IEnumerable<ServiceElement> Elements()
    {
        foreach (ServiceElement element in NodeElements()) yield return element;
        foreach (CompiledService service in Services.Values)
        {
            foreach (ServiceElement element in service.Elements()) yield return element;
        }
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
