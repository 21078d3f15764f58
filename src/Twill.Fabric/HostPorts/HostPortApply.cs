using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.HostPorts;

/// <summary>Writes host ports into the kernel, and takes them away when the interface that holds them is gone.</summary>
/// <remarks>
/// An element cannot hang on an interface, so it bears the interface's index, which the kernel gives to nobody else: who finds an element
/// whose interface is gone removes it. ADD, DEL and GC look, and the agent when an interface goes. Whoever is given an address looks first
/// (<see cref="Vacate"/>), so that no packet is translated to an address that another pod has now, whoever died in between.
/// </remarks>
public static class HostPortApply
{
    /// <summary>The pod's ports, after its address is claimed and vacated and before its ADD is finished.</summary>
    /// <exception cref="FabricException">PortTaken: another pod holds one of them; nothing was written.</exception>
    internal static void Publish(RouteSocket host, PodPlan plan, IfIndex hostEnd, string hostName)
    {
        var holder = new HostPortHolder(hostEnd, hostName);
        IReadOnlyList<HostPortEntry> entries = HostPortPlan.EntriesFor(plan.Request.HostPorts, plan.Addresses, holder);
        if (entries.Count == 0) return;
        Link bridge = host.GetLink(plan.Network.Bridge.Name);
        bool ours = HostPortBridge.Prepare(host, bridge), stale = false;
        using NftSocket nft = NftSocket.Open();
        for (int look = 0; look < 2; look++)
        {
            stale = false;
            TableChange.Run(nft, HostPortTable.Table, transaction =>
            {
                HostPortState present = HostPortState.Read(nft);
                foreach (HostPortEntry other in present.Entries)
                {
                    if (other.Holder == holder || !entries.Any(other.Clashes)) continue;
                    if (FindLive(host, other.Holder, plan.Owner) is { } link) throw Taken(other, link);
                    stale = true;
                }

                return !stale && Write(nft, transaction, present, entries, holder, ours ? bridge.Name : null);
            });
            if (!stale) break;
            Sweep(host); // those in the way are nobody's, and their flows go with them
        }

        if (stale) throw new FabricException(FabricFault.Busy, $"host ports of {plan.Owner}: those of pods that are gone came back while they were removed; try again");
        HostPortFlows.ForgetUntranslated(host, entries);
        if (ours) HostPortBridge.OpenLoopback(bridge.Name);
    }

    /// <summary>Makes sure that nothing leads to these addresses, which have just been claimed: what does belongs to a pod that is gone.</summary>
    internal static void Vacate(RouteSocket host, IReadOnlyList<PodAddress> addresses)
    {
        using NftSocket nft = NftSocket.Open();
        var stale = new HashSet<HostPortHolder?>();
        foreach (PodAddress address in addresses)
        {
            foreach (HostPortTarget target in HostPortState.ReadTargets(nft, address.Address.IsV6))
            {
                if (target.Address == address.Address.Address && FindLive(host, target.Holder) is null) stale.Add(target.Holder);
            }
        }

        if (stale.Count > 0) Remove(nft, stale.Contains);
    }

    /// <summary>Takes away what these host ends hold. Fine if there is nothing.</summary>
    internal static void Withdraw(IReadOnlyCollection<IfIndex> hostEnds)
    {
        using NftSocket nft = NftSocket.Open();
        Remove(nft, h => h is { } holder && hostEnds.Contains(holder.Index));
    }

    /// <summary>Takes away what nobody holds any more, and puts back what the holders' bridges lost. In sync it writes nothing.</summary>
    /// <returns>How many ports went.</returns>
    public static int Sweep(RouteSocket host)
    {
        using NftSocket nft = NftSocket.Open();
        HostPortState present = HostPortState.Read(nft);
        if (present.Targets.Count == 0 && present.Entries.Count == 0) return 0;
        var live = new Dictionary<HostPortHolder, Link>();
        var dead = new HashSet<HostPortHolder?>();
        foreach (HostPortHolder? holder in present.Targets.Select(t => t.Holder).Concat(present.Entries.Select(e => e.Holder)))
        {
            if (dead.Contains(holder) || (holder is { } known && live.ContainsKey(known))) continue;
            if (FindLive(host, holder) is { } link) live[holder!.Value] = link;
            else dead.Add(holder);
        }

        int removed = dead.Count == 0 ? 0 : Remove(nft, dead.Contains);
        HostPortBridge.Restore(host, live.Values);
        return removed;
    }

    /// <summary>For CHECK.</summary>
    /// <returns>What is missing, in words; null: all is there.</returns>
    internal static string? Missing(Link hostEnd, IReadOnlyList<HostPort> ports, IReadOnlyList<PodAddress> addresses)
    {
        using NftSocket nft = NftSocket.Open();
        HostPortState present = HostPortState.Read(nft);
        foreach (HostPortEntry wanted in HostPortPlan.EntriesFor(ports, addresses, new HostPortHolder(hostEnd.Index, hostEnd.Name)))
        {
            if (!present.Entries.Contains(wanted)) return $"{wanted} is not in map {wanted.Map.Name} of table {HostPortTable.Table}";
        }

        return RulesStand(nft) ? null : $"the rules of table {HostPortTable.Table} are not what they were";
    }

    private static bool Write(NftSocket nft, NftTransaction transaction, HostPortState present, IReadOnlyList<HostPortEntry> entries, HostPortHolder holder, string? bridge)
    {
        if (!RulesStand(nft)) Build(transaction);
        foreach (HostPortEntry entry in entries)
        {
            if (!present.Entries.Contains(entry)) transaction.AddElements(entry.Map, entry.Element);
        }

        foreach (HostPortTarget target in entries.Select(e => new HostPortTarget(e.Target, holder)).Distinct())
        {
            if (present.Targets.Contains(target)) continue;
            foreach (HostPortTarget other in present.Targets)
            {
                if (other.Address == target.Address) transaction.DeleteElements(other.Set, other.Element);
            }

            transaction.AddElements(target.Set, target.Element);
        }

        if (bridge is not null) transaction.EnsureElements(HostPortTable.Bridges, NftElement.Of(NftBytes.InterfaceName(bridge)));
        return true;
    }

    /// <summary>All that does not depend on the ports, in the same transaction as the first of them; elements that are there stay.</summary>
    private static void Build(NftTransaction transaction)
    {
        transaction.EnsureTable(HostPortTable.Table);
        foreach (NftChain chain in HostPortTable.Chains) transaction.EnsureChain(chain);
        transaction.FlushTable(HostPortTable.Table);
        foreach (NftSet set in HostPortTable.Sets) transaction.EnsureSet(set);
        foreach (NftRule rule in HostPortTable.Rules) transaction.AddRule(rule);
    }

    private static bool RulesStand(NftSocket nft)
    {
        var present = nft.Rules(HostPortTable.Table);
        if (present.Length != HostPortTable.Rules.Count) return false;
        foreach (NftRule rule in HostPortTable.Rules)
        {
            bool there = false;
            foreach (NftRuleInfo info in present) there |= rule.Matches(info);
            if (!there) return false;
        }

        return true;
    }

    /// <summary>
    /// First the ports, then the flows, and last the targets: killed in between, the target is still there to say that flows may be.
    /// </summary>
    private static int Remove(NftSocket nft, Func<HostPortHolder?, bool> isDoomed)
    {
        var targets = new HashSet<IpAddress>();
        int removed = 0;
        TableChange.Run(nft, HostPortTable.Table, transaction =>
        {
            HostPortState present = HostPortState.Read(nft);
            targets.Clear();
            foreach (HostPortTarget target in present.Targets)
            {
                if (isDoomed(target.Holder)) targets.Add(target.Address);
            }

            removed = 0;
            foreach (HostPortEntry entry in present.Entries)
            {
                if (!isDoomed(entry.Holder)) continue;
                transaction.DeleteElements(entry.Map, entry.Element);
                targets.Add(entry.Target);
                removed++;
            }

            return removed > 0;
        });
        if (targets.Count == 0) return removed;
        HostPortFlows.ForgetTargets(targets);
        TableChange.Run(nft, HostPortTable.Table, transaction =>
        {
            foreach (HostPortTarget target in (IEnumerable<HostPortTarget>)[.. HostPortState.ReadTargets(nft, false), .. HostPortState.ReadTargets(nft, true)])
            {
                if (isDoomed(target.Holder)) transaction.DeleteElements(target.Set, target.Element);
            }

            return transaction.Count > 0;
        });
        return removed;
    }

    /// <summary>The holder's host end; null where it is gone, or was left by an ADD that died, and then it goes now.</summary>
    private static Link? FindLive(RouteSocket host, HostPortHolder? holder, Owner? self = null)
        => holder is { } h && host.FindLink(h.Index) is { Kind: "veth" } link && link.Name == h.Name && !HostEnd.TryReclaim(host, link, self) ? link : null;

    private static FabricException Taken(HostPortEntry entry, Link holder)
    {
        string pod = Identity.NameIn(holder.Alias);
        return new FabricException(FabricFault.PortTaken, $"host port {HostPort.TextOf(entry.Protocol, entry.Address, entry.Port)} is held by pod {(pod.Length > 0 ? pod : "of")} ({holder.Name}, leads to {entry.Target} port {entry.TargetPort}): choose another host port, or remove that pod");
    }
}
