using System.Collections.Immutable;
using Twill.Fabric.Services.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Compile;

/// <summary>From descriptions to the table's content: pure, and of what did not change nothing is made anew.</summary>
public static class ServiceCompiler
{
    /// <summary>What of the table stands in which order: null where it is not there.</summary>
    public delegate ImmutableArray<Backend>? Arrangement(FrontendKey key, bool inside);

    /// <param name="previous">What was compiled before; services with the same description object are taken from it.</param>
    public static ServicePlan Compile(ServiceSnapshot snapshot, ServicePlan previous)
        => previous.Node == snapshot.Node && Changed(snapshot, previous) is { } plan ? plan : Compile(snapshot, previous, previous.Arranged);

    /// <param name="arranged">What the kernel holds, where nothing was compiled before.</param>
    public static ServicePlan Compile(ServiceSnapshot snapshot, Arrangement? arranged = null) => Compile(snapshot, null, arranged);

    /// <summary>The previous plan with what changed: the rest is not looked at but for one comparison of references each.</summary>
    /// <returns>Null: services want the same frontend, so that their order decides.</returns>
    private static ServicePlan? Changed(ServiceSnapshot snapshot, ServicePlan previous)
    {
        if (previous.HasDenied) return null;
        IReadOnlyList<ServiceDescription> now = snapshot.Services, before = previous.Order;
        var left = new List<ServiceDescription>();
        var came = new List<ServiceDescription>();
        int start = 0, tail = 0, both = Math.Min(now.Count, before.Count);
        while (start < both && ReferenceEquals(now[start], before[start])) start++;
        while (tail < both - start && ReferenceEquals(now[^(tail + 1)], before[^(tail + 1)])) tail++;
        for (int i = start; i < before.Count - tail; i++) left.Add(before[i]);
        for (int i = start; i < now.Count - tail; i++) came.Add(now[i]);

        // In between, moved in the list is not changed.
        var same = new HashSet<ServiceDescription>(came, ReferenceEqualityComparer.Instance);
        same.IntersectWith(left);
        left.RemoveAll(same.Contains);
        came.RemoveAll(same.Contains);

        var builder = new ServicePlanBuilder(previous, now);
        foreach (ServiceDescription service in left) builder.Remove(service);
        foreach (ServiceDescription service in came)
        {
            CompiledService compiled = Compile(service, snapshot.Node, builder.TryOwn, previous.Arranged);
            if (compiled.Denied.Count > 0) return null;
            if (!builder.TryAdd(compiled)) throw Twice(service);
        }

        return builder.Build();
    }

    private static ServicePlan Compile(ServiceSnapshot snapshot, ServicePlan? previous, Arrangement? arranged)
    {
        var builder = new ServicePlanBuilder(snapshot.Node, snapshot.Services);
        bool sameNode = previous?.Node == snapshot.Node;
        foreach (ServiceDescription service in snapshot.Services)
        {
            CompiledService compiled = sameNode && previous!.Services.TryGetValue((service.Namespace, service.Name), out CompiledService? old)
                && ReferenceEquals(old.Description, service) && old.Denied.Count == 0 && old.Frontends.All(f => f.Inside || builder.IsFree(f.Key))
                ? old
                : Compile(service, snapshot.Node, builder.TryOwn, arranged);
            if (!builder.TryAdd(compiled)) throw Twice(service);
        }

        return builder.Build();
    }

    private static ArgumentException Twice(ServiceDescription service) => new($"service {service} is described twice");

    private static CompiledService Compile(ServiceDescription service, ServiceNode node, Func<FrontendKey, bool> own, Arrangement? arranged)
    {
        var frontends = new List<ServiceFrontend>();
        var denied = new List<FrontendKey>();
        var ranges = new List<ServiceElement>();
        foreach (ServicePort port in service.Ports)
        {
            foreach (IpAddress address in service.ClusterIps) Add(address, port.Port, port, service.InternalPolicy, false);
            foreach (IpAddress address in service.ExternalIps) Add(address, port.Port, port, service.ExternalPolicy, true);
            foreach (IpAddress address in service.LoadBalancerIps)
            {
                if (Add(address, port.Port, port, service.ExternalPolicy, true)) Restrict(new FrontendKey(address, port.Protocol, port.Port));
            }

            if (port.NodePort == 0) continue;
            foreach (IpAddress address in node.NodePortAddresses)
            {
                if (Speaks(address.IsV6)) Add(address, port.NodePort, port, service.ExternalPolicy, true);
            }
        }

        var addresses = new List<IpAddress>();
        foreach (IpAddress address in service.ClusterIps)
        {
            if (frontends.Exists(f => f.Key.Address == address) && !addresses.Contains(address)) addresses.Add(address);
        }

        return new CompiledService(service, frontends, denied, addresses, ranges, LocalOf(service, node));

        bool Speaks(bool v6)
        {
            foreach (IpAddress address in service.ClusterIps)
            {
                if (address.IsV6 == v6) return true;
            }

            return false;
        }

        bool Add(IpAddress address, ushort number, ServicePort port, TrafficPolicy policy, bool external)
        {
            var key = new FrontendKey(address, port.Protocol, number);
            if (!own(key))
            {
                denied.Add(key);
                return false;
            }

            string name = port.Name.Length == 0 ? service.ToString() : $"{service}:{port.Name}";
            List<Backend> used = EndpointSelection.BackendsOf(service, port, address.IsV6, policy, node);
            List<Backend>? everywhere = policy == TrafficPolicy.Local ? EndpointSelection.BackendsOf(service, port, address.IsV6, TrafficPolicy.Cluster, node) : null;
            bool masquerade = !(external && policy == TrafficPolicy.Local);
            frontends.Add(Frontend(key, used, everywhere is { Count: > 0 }, false, masquerade, name));
            if (external && everywhere is not null) frontends.Add(Frontend(key, everywhere, false, true, false, name));
            return true;
        }

        ServiceFrontend Frontend(FrontendKey key, List<Backend> used, bool elsewhere, bool inside, bool masquerade, string name)
        {
            FrontendKind kind = (used.Count, elsewhere) switch
            {
                (0, true) => FrontendKind.Drop,
                (0, false) => FrontendKind.Reject,
                _ when service.AffinitySeconds > 0 => FrontendKind.Affinity,
                _ when service.Spread == Spread.Maglev => FrontendKind.Maglev,
                _ => key.Protocol == ServiceProtocol.Udp ? FrontendKind.Hash : FrontendKind.Random,
            };
            ImmutableArray<Backend> backends = Arrange(used, arranged?.Invoke(key, inside));
            return new ServiceFrontend(key)
            {
                Inside = inside,
                Kind = kind,
                AffinitySeconds = kind == FrontendKind.Affinity ? service.AffinitySeconds : 0,
                Backends = backends,
                Masquerade = masquerade && used.Count > 0,
                Name = name,
            };
        }

        void Restrict(FrontendKey key)
        {
            if (service.SourceRanges.Count == 0) return;
            ServiceSets sets = ServiceTable.Sets(key.Address.IsV6);
            NftBytes first = key.Bytes();
            ranges.Add(new(sets.Restricted, new NftElement(first)));
            foreach (IpPrefix range in Disjoint.Of(service.SourceRanges, key.Address.IsV6))
                ranges.Add(new(sets.Ranges, new NftElement(NftBytes.Concat(first, NftBytes.Of(range.First))) { Last = NftBytes.Concat(first, NftBytes.Of(range.Last)) }));
        }
    }

    /// <summary>Endpoint addresses on this node, used or not: whether one is does not change who it is.</summary>
    private static List<IpAddress> LocalOf(ServiceDescription service, ServiceNode node)
    {
        var local = new List<IpAddress>();
        foreach (EndpointDescription endpoint in service.Endpoints)
        {
            if (endpoint.Node == node.Name) local.Add(endpoint.Address);
        }

        return local;
    }

    /// <summary>Survivors keep their index; a gap is filled by a newcomer, else by the last: one change moves at most two.</summary>
    internal static ImmutableArray<Backend> Arrange(List<Backend> wanted, ImmutableArray<Backend>? before)
    {
        if (before is not { IsEmpty: false } old) return [.. wanted];
        var left = new HashSet<Backend>(wanted);
        var slots = new List<Backend?>(old.Length);
        foreach (Backend backend in old) slots.Add(left.Remove(backend) ? backend : null);
        foreach (Backend backend in wanted)
        {
            if (!left.Contains(backend)) continue;
            int gap = slots.IndexOf(null);
            if (gap < 0) slots.Add(backend);
            else slots[gap] = backend;
        }

        for (int gap = slots.IndexOf(null); gap >= 0; gap = slots.IndexOf(null))
        {
            Backend? last = slots[^1];
            slots.RemoveAt(slots.Count - 1);
            if (gap < slots.Count) slots[gap] = last;
        }

        var arranged = ImmutableArray.CreateBuilder<Backend>(slots.Count);
        foreach (Backend? backend in slots) arranged.Add(backend!.Value);
        return arranged.MoveToImmutable();
    }
}
