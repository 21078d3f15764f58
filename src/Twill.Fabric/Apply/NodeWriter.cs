using System.Diagnostics;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.Apply;

/// <summary>Makes a plan's steps happen, many in one send. A refused one does not stop the others.</summary>
/// <param name="network">The node's namespace; null: the calling thread's.</param>
/// <param name="host">A socket of that namespace.</param>
/// <param name="nft">Likewise.</param>
internal sealed class NodeWriter(NetworkNamespace? network, RouteSocket host, NftSocket nft)
{
    /// <summary>Messages in one send: acknowledgements wait in the receive queue, which holds about 280.</summary>
    private const int MaxBatch = 128;

    private readonly List<NodeStep> _pending = [];
    private readonly List<NetlinkOutcome> _refusals = [];
    private readonly List<StepFailure> _failures = [];
    private NodeLinks _links;
    private NetlinkBatch? _batch;

    /// <summary>The devices after the last writing.</summary>
    internal NodeLinks Links => _links;

    /// <summary>Transactions with the node's table so far.</summary>
    internal long TableWrites { get; private set; }

    /// <summary>How long all of them took.</summary>
    internal double TableSeconds { get; private set; }

    /// <param name="plan">Whose steps these are.</param>
    /// <param name="steps">In their order.</param>
    /// <param name="links">As read with the state that the steps follow from.</param>
    internal IReadOnlyList<StepFailure> Write(NodePlan plan, IReadOnlyList<NodeStep> steps, NodeLinks links)
    {
        _failures.Clear();
        _links = links;
        for (int i = 0; i < steps.Count; i++)
        {
            switch (steps[i])
            {
                case NodeStep.SetSysctl s:
                    Flush(plan);
                    WriteSysctl(s);
                    break;
                case NodeStep.BuildTable or NodeStep.RemoveTable or NodeStep.ChangeSet:
                    Flush(plan);
                    int first = i;
                    while (i + 1 < steps.Count && steps[i + 1] is NodeStep.BuildTable or NodeStep.RemoveTable or NodeStep.ChangeSet) i++;
                    WriteTable([.. steps.Skip(first).Take(i + 1 - first)]);
                    break;
                case NodeStep.AddVxlan v:
                    Flush(plan);
                    MakeTunnel(v);
                    break;
                default:
                    Put(plan, steps[i]);
                    break;
            }
        }

        Flush(plan);
        return _failures;
    }

    private void Put(NodePlan plan, NodeStep step)
    {
        _batch ??= host.Netlink.NewBatch();
        int before = _batch.Count;
        if (!Encode(_batch, plan, step))
        {
            _failures.Add(new StepFailure(step, new FabricException(FabricFault.Drift, $"cannot {step}: interface {plan.VxlanName} is not there")));
            return;
        }

        for (int i = before; i < _batch.Count; i++) _pending.Add(step);
        if (_batch.Count >= MaxBatch) Flush(plan);
    }

    private void Flush(NodePlan plan)
    {
        if (_batch is not { } batch) return;
        _batch = null;
        _refusals.Clear();
        var ignore = default(NoReader);
        if (batch.Count > 0) host.Netlink.Execute(batch, ref ignore, _refusals);
        foreach (NetlinkOutcome refusal in _refusals)
        {
            NodeStep step = _pending[refusal.Index];
            if (IsFine(step, refusal.Errno)) continue;
            _failures.Add(new StepFailure(step, step is NodeStep.AddRoute r && refusal.Errno == Errno.EEXIST ? Foreign(plan, r.Route) : new NetlinkException($"cannot {step}", refusal, RouteAdvice.For(refusal.Errno))));
        }

        _pending.Clear();
    }

    /// <returns>False: the step is about our tunnel device, which could not be made.</returns>
    private bool Encode(NetlinkBatch batch, NodePlan plan, NodeStep step)
    {
        switch (step)
        {
            case NodeStep.AddAddress a:
                if (DeviceOf(plan, a.Device) is not { } dev) return false;
                AddressRequests.Add(batch, dev, a.Address, a.Address.IsV6 ? AddressFlags.NoDad : AddressFlags.None);
                return true;
            case NodeStep.AddRoute r:
                if (DeviceOf(plan, r.Route.Device) is not { } addVia) return false;
                RouteRequests.Add(batch, Spec(r.Route, addVia));
                return true;
            case NodeStep.ReplaceRoute r:
                if (DeviceOf(plan, r.Route.Device) is not { } replaceVia) return false;
                RouteRequests.Replace(batch, Spec(r.Route, replaceVia));
                return true;
            case NodeStep.RemoveRoute r:
                RouteRequests.Remove(batch, new RouteSpec { Destination = r.Route.Destination, Gateway = r.Route.Gateway, Protocol = ClusterPlan.TwillRouteProtocol });
                return true;
            case NodeStep.RemoveLink l:
                LinkRequests.Delete(batch, l.Name);
                return true;
            default:
                return _links.Tunnel is { } tunnel && EncodeTunnel(batch, step, tunnel);
        }
    }

    private static bool EncodeTunnel(NetlinkBatch batch, NodeStep step, IfIndex tunnel)
    {
        switch (step)
        {
            case NodeStep.RaiseVxlan v:
                // Without this the kernel gives it an IPv6 link-local address and announces it to nobody.
                LinkRequests.SetAddrGenMode(batch, tunnel, AddrGenMode.None);
                LinkRequests.SetMac(batch, tunnel, v.Link.Mac);
                LinkRequests.SetMtu(batch, tunnel, new Mtu(v.Link.Mtu));
                LinkRequests.SetAlias(batch, tunnel, NodeStep.VxlanAlias);
                LinkRequests.SetUp(batch, tunnel);
                return true;
            case NodeStep.RemoveAddress a:
                AddressRequests.Remove(batch, tunnel, a.Address);
                return true;
            case NodeStep.ReplaceNeighbour n:
                NeighbourRequests.Replace(batch, new NeighbourSpec { Dev = tunnel, Address = n.Neighbour.Address, Mac = n.Neighbour.Mac, Protocol = ClusterPlan.TwillRouteProtocol.Value });
                return true;
            case NodeStep.RemoveNeighbour n:
                NeighbourRequests.Remove(batch, tunnel, n.Neighbour.Address);
                return true;
            case NodeStep.ReplaceForward f:
                NeighbourRequests.ReplaceFdb(batch, new FdbSpec { Dev = tunnel, Mac = f.Forward.Mac, Destination = f.Forward.Destination });
                return true;
            case NodeStep.RemoveForward f:
                NeighbourRequests.RemoveFdb(batch, new FdbSpec { Dev = tunnel, Mac = f.Forward.Mac, Destination = f.Forward.Destination });
                return true;
            default:
                throw new InvalidOperationException($"no message stands for \"{step}\"");
        }
    }

    private IfIndex? DeviceOf(NodePlan plan, string? name) => name is null || name == plan.Device ? _links.Device : name == plan.VxlanName ? _links.Tunnel : null;

    private static RouteSpec Spec(NodeRoute route, IfIndex device)
        => new() { Destination = route.Destination, Gateway = route.Gateway, Dev = device, OnLink = route.OnLink, Protocol = ClusterPlan.TwillRouteProtocol };

    /// <summary>What is removed may have gone by itself, with its device or by another's hand; what is added may have come back.</summary>
    private static bool IsFine(NodeStep step, Errno errno) => step switch
    {
        NodeStep.AddAddress => errno == Errno.EEXIST,
        NodeStep.RemoveRoute => errno is Errno.ESRCH or Errno.ENODEV,
        NodeStep.RemoveAddress => errno is Errno.EADDRNOTAVAIL or Errno.ENODEV,
        NodeStep.RemoveNeighbour or NodeStep.RemoveForward => errno is Errno.ENOENT or Errno.ENODEV,
        NodeStep.RemoveLink => errno == Errno.ENODEV,
        _ => false,
    };

    private void MakeTunnel(NodeStep.AddVxlan step)
    {
        NodeVxlan link = step.Link;
        NetlinkBatch batch = host.Netlink.NewBatch();
        LinkRequests.CreateVxlan(batch, new VxlanSpec
        {
            Name = link.Name,
            Vni = link.Vni,
            Port = link.Port,
            Local = link.Local,
            Dev = _links.Device,
            Mac = link.Mac,
            Mtu = new Mtu(link.Mtu),
            Learning = false,
            // RFC 7348: zero over IPv4. What is inside has checksums of its own; computing one more costs a tenth of the throughput.
            UdpChecksum = link.Local.IsV6 ? null : false,
        });
        NetlinkOutcome outcome = host.Netlink.Execute(batch);
        if (outcome.Ok || outcome.Errno == Errno.EEXIST && host.TryGetIndex(link.Name, out _))
        {
            _links = _links with { Tunnel = host.TryGetIndex(link.Name, out IfIndex index) ? index : null };
            return;
        }

        _failures.Add(new StepFailure(step, outcome.Errno switch
        {
            Errno.EOPNOTSUPP => new FabricException(FabricFault.Configuration, $"cannot make {link.Name}: this kernel has no VXLAN (module vxlan is missing): modprobe vxlan, or use backend \"direct\""),
            Errno.EEXIST => new FabricException(FabricFault.Foreign, $"cannot make {link.Name}: another VXLAN device has identifier {link.Vni} on port {link.Port}; give the overlay another identifier, or remove that device (ip -d link show type vxlan)"),
            _ => new NetlinkException($"cannot {step}", outcome, RouteAdvice.For(outcome.Errno)),
        }));
    }

    private void WriteSysctl(NodeStep.SetSysctl step)
    {
        Errno errno = Errno.None;
        NodeApply.Inside(network, () => errno = Sysctl.TryWrite(step.Key, step.Value));
        if (errno != Errno.None) _failures.Add(new StepFailure(step, new LinuxException($"cannot set sysctl {step.Key} to {step.Value}", errno)));
    }

    /// <summary>All in one transaction: each costs the kernel a wait for its readers, and its echo is known by one number.</summary>
    private void WriteTable(IReadOnlyList<NodeStep> steps)
    {
        NftTransaction transaction = nft.NewTransaction();
        foreach (NodeStep step in steps)
        {
            switch (step)
            {
                case NodeStep.BuildTable b:
                    Fill(transaction.EnsureTable(NodeTable.Table).DeleteTable(NodeTable.Table), b.Table);
                    break;
                case NodeStep.ChangeSet c:
                    transaction.DeleteElements(c.Set, [.. c.Removed]).AddElements(c.Set, [.. c.Added]);
                    break;
                default:
                    transaction.DeleteTable(NodeTable.Table);
                    break;
            }
        }

        long start = Stopwatch.GetTimestamp();
        NftOutcome outcome = nft.Commit(transaction);
        TableWrites++;
        TableSeconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (outcome.Ok || (steps is [NodeStep.RemoveTable] && outcome.Errno == Errno.ENOENT)) return;
        foreach (NodeStep step in steps) _failures.Add(new StepFailure(step, new NetlinkException(outcome.What ?? $"cannot {step}", outcome.Kernel)));
    }

    private static void Fill(NftTransaction transaction, NodeTable table)
    {
        transaction.AddTable(NodeTable.Table);
        foreach (NodeSet set in table.Sets) transaction.AddSet(set.Set).AddElements(set.Set, set.ToElements());
        foreach (NftChain chain in table.Chains) transaction.AddChain(chain);
        foreach (NftRule rule in table.Rules) transaction.AddRule(rule);
    }

    private FabricException Foreign(NodePlan plan, NodeRoute route)
    {
        Route? other = host.Routes(new RouteFilter(Table: RouteTable.Main)).Find(r => r.Destination == route.Destination);
        return new FabricException(FabricFault.Foreign, $"node {plan.Node} has a route of somebody else where {route} should be: {(other is null ? "it has just gone" : other)}; remove it, or give it another metric: ip route del {(route.Destination.Length == 0 ? "default" : route.Destination)}");
    }
}
