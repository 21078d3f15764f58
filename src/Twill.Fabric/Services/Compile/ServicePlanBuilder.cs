using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Compile;

/// <summary>Collects compiled services into a plan: from nothing, or as a previous plan with some of them exchanged.</summary>
/// <remarks>A plan is never changed. The next one shares with it what did not change, so that one endpoint among 100,000 makes hardly any garbage.</remarks>
internal sealed class ServicePlanBuilder
{
    private readonly ServiceNode _node;
    private readonly IReadOnlyList<ServiceDescription> _order;
    private readonly object? _basedOn;
    private readonly ImmutableDictionary<(string Namespace, string Name), CompiledService>.Builder _services;
    private readonly ImmutableDictionary<(FrontendKey Key, bool Inside), ServiceFrontend>.Builder _frontends;
    private readonly ImmutableDictionary<IpAddress, int>.Builder _local;
    private readonly Dictionary<SpreadChain, int> _chains;
    private readonly List<CompiledService> _gone = [], _came = [];

    /// <summary>Of the service that is being compiled.</summary>
    private readonly HashSet<FrontendKey> _owned = [];

    /// <summary>A previous plan with one is not built upon.</summary>
    private bool _denied;

    internal ServicePlanBuilder(ServiceNode node, IReadOnlyList<ServiceDescription> order)
    {
        _node = node;
        _order = order;
        _services = ImmutableDictionary.CreateBuilder<(string Namespace, string Name), CompiledService>();
        _frontends = ImmutableDictionary.CreateBuilder<(FrontendKey Key, bool Inside), ServiceFrontend>();
        _local = ImmutableDictionary.CreateBuilder<IpAddress, int>();
        _chains = [];
    }

    internal ServicePlanBuilder(ServicePlan previous, IReadOnlyList<ServiceDescription> order)
    {
        _node = previous.Node;
        _order = order;
        _basedOn = previous.Identity;
        _services = previous.ByName.ToBuilder();
        _frontends = previous.ByKey.ToBuilder();
        _local = previous.Local.ToBuilder();
        _chains = new(previous.ChainUse);
    }

    internal bool IsFree(FrontendKey key) => !_frontends.ContainsKey((key, false));

    /// <summary>The frontend is this service's unless one before it has it.</summary>
    internal bool TryOwn(FrontendKey key) => IsFree(key) && _owned.Add(key);

    /// <returns>False: there is one of this name.</returns>
    internal bool TryAdd(CompiledService service)
    {
        _owned.Clear();
        (string, string) name = (service.Description.Namespace, service.Description.Name);
        if (_services.ContainsKey(name)) return false;
        _services.Add(name, service);
        foreach (ServiceFrontend frontend in service.Frontends)
        {
            _frontends.Add((frontend.Key, frontend.Inside), frontend);
            if (frontend.Spreading is { } chain) CountChain(chain, 1);
        }

        foreach (IpAddress local in service.Local) CountLocal(local, 1);
        _came.Add(service);
        _denied |= service.Denied.Count > 0;
        return true;
    }

    internal void Remove(ServiceDescription description)
    {
        (string, string) name = (description.Namespace, description.Name);
        if (!_services.TryGetValue(name, out CompiledService? service)) throw new InvalidOperationException($"service {description} is not in the plan that had it");
        _services.Remove(name);
        foreach (ServiceFrontend frontend in service.Frontends)
        {
            _frontends.Remove((frontend.Key, frontend.Inside));
            if (frontend.Spreading is { } chain) CountChain(chain, -1);
        }

        foreach (IpAddress local in service.Local) CountLocal(local, -1);
        _gone.Add(service);
    }

    internal ServicePlan Build() => new(_node, _order, _services.ToImmutable(), _frontends.ToImmutable(), _local.ToImmutable(), _chains) { BasedOn = _basedOn, Gone = _gone, Came = _came, HasDenied = _denied };

    private void CountChain(SpreadChain chain, int by)
    {
        ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(_chains, chain, out _);
        count += by;
        if (count == 0) _chains.Remove(chain);
    }

    private void CountLocal(IpAddress local, int by)
    {
        int count = _local.GetValueOrDefault(local) + by;
        if (count == 0) _local.Remove(local);
        else _local[local] = count;
    }
}
