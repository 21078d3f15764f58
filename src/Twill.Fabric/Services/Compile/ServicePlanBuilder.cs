using System.Runtime.InteropServices;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Compile;

/// <summary>Collects compiled services into a plan: from nothing, or as a previous plan with some of them exchanged.</summary>
/// <remarks>A plan is never changed. Copying its dictionaries copies memory and hashes nothing: 10,000 services take half a millisecond.</remarks>
internal sealed class ServicePlanBuilder
{
    private readonly ServiceNode _node;
    private readonly ServiceDescription[] _order;
    private readonly object? _basedOn;
    private readonly Dictionary<(string, string), CompiledService> _services;
    private readonly Dictionary<(FrontendKey, bool), ServiceFrontend> _frontends;
    private readonly Dictionary<IpAddress, int> _local;
    private readonly Dictionary<SpreadChain, int> _chains;
    private readonly List<CompiledService> _gone = [], _came = [];

    /// <summary>Of the service that is being compiled.</summary>
    private readonly HashSet<FrontendKey> _owned = [];

    /// <summary>A previous plan with one is not built upon.</summary>
    private bool _denied;

    internal ServicePlanBuilder(ServiceNode node, IReadOnlyList<ServiceDescription> order)
    {
        _node = node;
        _order = [.. order];
        _services = new(order.Count);
        _frontends = new(order.Count);
        _local = [];
        _chains = [];
    }

    internal ServicePlanBuilder(ServicePlan previous, IReadOnlyList<ServiceDescription> order)
    {
        _node = previous.Node;
        _order = [.. order];
        _basedOn = previous.Identity;
        _services = new(previous.ByName);
        _frontends = new(previous.ByKey);
        _local = new(previous.Local);
        _chains = new(previous.ChainUse);
    }

    internal bool IsFree(FrontendKey key) => !_frontends.ContainsKey((key, false));

    /// <summary>The frontend is this service's unless one before it has it.</summary>
    internal bool TryOwn(FrontendKey key) => IsFree(key) && _owned.Add(key);

    /// <returns>False: there is one of this name.</returns>
    internal bool TryAdd(CompiledService service)
    {
        _owned.Clear();
        if (!_services.TryAdd((service.Description.Namespace, service.Description.Name), service)) return false;
        foreach (ServiceFrontend frontend in service.Frontends)
        {
            _frontends.Add((frontend.Key, frontend.Inside), frontend);
            if (frontend.Spreading is { } chain) Count(_chains, chain, 1);
        }

        foreach (IpAddress local in service.Local) Count(_local, local, 1);
        _came.Add(service);
        _denied |= service.Denied.Count > 0;
        return true;
    }

    internal void Remove(ServiceDescription description)
    {
        if (!_services.Remove((description.Namespace, description.Name), out CompiledService? service)) throw new InvalidOperationException($"service {description} is not in the plan that had it");
        foreach (ServiceFrontend frontend in service.Frontends)
        {
            _frontends.Remove((frontend.Key, frontend.Inside));
            if (frontend.Spreading is { } chain) Count(_chains, chain, -1);
        }

        foreach (IpAddress local in service.Local) Count(_local, local, -1);
        _gone.Add(service);
    }

    internal ServicePlan Build() => new(_node, _order, _services, _frontends, _local, _chains) { BasedOn = _basedOn, Gone = _gone, Came = _came, HasDenied = _denied };

    private static void Count<T>(Dictionary<T, int> counts, T what, int by)
        where T : struct
    {
        ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, what, out _);
        count += by;
        if (count == 0) counts.Remove(what);
    }
}
