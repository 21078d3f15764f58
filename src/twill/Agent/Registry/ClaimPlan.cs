using Twill.Fabric;
using Twill.Fabric.Ipam;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Agent.Registry;

/// <summary>Decides upon a claim from a view, without I/O.</summary>
internal static class ClaimPlan
{
    /// <param name="view">As of one revision; the decision holds only while nothing of it that matters has changed.</param>
    /// <param name="attempt">0 takes the lowest free block, so that small clusters are in order; after a lost race each node chooses elsewhere.</param>
    /// <exception cref="FabricException">It cannot be: why, whose it is, what to do.</exception>
    public static ClaimDecision Decide(RegistryView view, NodeClaim claim, int attempt)
    {
        CheckClaim(claim);
        NetworkRecord network = view.Network ?? throw new FabricException(FabricFault.Configuration, "this etcd knows no network yet: name the cluster's range for pods, e.g. 10.244.0.0/16, with the first node");
        CheckLinks(network, claim);
        if (view.Node is { } there && there.Id != claim.Id)
        {
            throw new FabricException(FabricFault.Foreign, $"node name {claim.Name} belongs to another machine ({there.Id}, {string.Join(" ", there.Addresses)}); this one is {claim.Id}: rename one of them, or `twill node remove {claim.Name}` if that machine is gone");
        }

        foreach ((IpAddress address, string owner) in view.AddressOwners)
        {
            if (owner != claim.Name) throw new FabricException(FabricFault.AddressTaken, $"nodes {owner} and {claim.Name} both have the address {address}: give one of them another, or `twill node remove {owner}` if it is gone");
        }

        var blocks = new List<IpPrefix>();
        foreach (bool v6 in (ReadOnlySpan<bool>)[false, true])
        {
            if (BlockOf(view, network, claim, v6, attempt) is { } block) blocks.Add(block);
        }

        if (blocks.Count == 0) throw new FabricException(FabricFault.Configuration, $"node {claim.Name} ({string.Join(" ", claim.Addresses)}) has no address of the family of {network}: give it one");
        var record = new NodeRecord(claim.Name, claim.Id, claim.Addresses, blocks);
        if (view.Node is { } known && known.Equals(record)) return new ClaimDecision.Settled(record);
        return new ClaimDecision.Write(
            record,
            [.. blocks.Where(b => view.Node is not { } n || !n.Blocks.Contains(b))],
            [.. claim.Addresses.Select(a => a.Address).Where(a => !view.AddressOwners.ContainsKey(a))],
            [.. (view.Node?.Addresses ?? []).Select(a => a.Address).Where(a => !claim.Addresses.Any(c => c.Address == a))]);
    }

    /// <summary>Null: no pool of this family, or no address by which others could reach such a block.</summary>
    private static IpPrefix? BlockOf(RegistryView view, NetworkRecord network, NodeClaim claim, bool v6, int attempt)
    {
        BlockPool[] pools = [.. network.Pools.Where(p => p.Cidr.IsV6 == v6)];
        IpPrefix[] required = [.. claim.Required.Where(b => b.IsV6 == v6)];
        if (pools.Length == 0 || !claim.Addresses.Any(a => a.IsV6 == v6))
        {
            if (required.Length > 0) throw new FabricException(FabricFault.Configuration, $"block {required[0]} cannot be had: {(pools.Length == 0 ? $"the cluster's ranges are {network}" : $"node {claim.Name} has no IPv{(v6 ? 6 : 4)} address")}");
            return null;
        }

        // Pods live in it: a node keeps the block it has for as long as it is registered.
        foreach (IpPrefix mine in view.Node?.Blocks ?? [])
        {
            if (mine.IsV6 != v6) continue;
            if (required.Length > 0 && required[0] != mine) throw new FabricException(FabricFault.Configuration, $"node {claim.Name} has the block {mine}, and block {required[0]} is asked for: `twill node remove {claim.Name}` first, when no pods are left on it");
            return mine;
        }

        foreach (IpPrefix wish in required)
        {
            string? refusal = pools.Any(p => p.WhyNot(wish) is null) ? null : string.Join("; ", pools.Select(p => p.WhyNot(wish)));
            if (refusal is not null) throw new FabricException(FabricFault.Configuration, $"block {wish} cannot be had: {refusal}");
            if (OwnerOf(view, wish) is { } owner) throw new FabricException(FabricFault.AddressTaken, $"block {wish} cannot be had: node {owner.Node} has {owner.Block}");
            return wish;
        }

        foreach (IpPrefix wish in claim.Preferred)
        {
            if (wish.IsV6 == v6 && pools.Any(p => p.WhyNot(wish) is null) && OwnerOf(view, wish) is null) return wish;
        }

        ulong skip = attempt == 0 ? 0 : Hash64.Of($"{claim.Name} {attempt}");
        foreach (BlockPool pool in pools)
        {
            if (pool.Choose(view.Blocks.Keys, skip) is { } free) return free;
        }

        throw new FabricException(FabricFault.Exhausted, $"node {claim.Name} gets no block: all of {string.Join(", ", pools.Select(p => p.ToString()))} are taken by {view.Blocks.Count(b => b.Key.IsV6 == v6)} nodes or reserved: `twill node remove` those that are gone, or add a range");
    }

    private static (IpPrefix Block, string Node)? OwnerOf(RegistryView view, IpPrefix wish)
    {
        foreach ((IpPrefix block, string node) in view.Blocks)
        {
            if (block.Overlaps(wish)) return (block, node);
        }

        return null;
    }

    private static void CheckClaim(NodeClaim claim)
    {
        if (claim.Name.Length is 0 or > NodeClaim.MaxNameLength || claim.Name.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."))
        {
            throw new FabricException(FabricFault.Configuration, $"\"{claim.Name}\" is no name for a node: 1 to {NodeClaim.MaxNameLength} letters, digits, '-', '_' and '.'");
        }

        if (claim.Id.Length == 0) throw new FabricException(FabricFault.Configuration, $"node {claim.Name} has no machine id: is /etc/machine-id empty?");
        if (claim.Addresses.Count(a => a.IsV6) > 1 || claim.Addresses.Count(a => !a.IsV6) > 1) throw new FabricException(FabricFault.Configuration, $"node {claim.Name} names {string.Join(" ", claim.Addresses)}: one address of each family, by which the others reach it");
        if (claim.Required.Count(b => b.IsV6) > 1 || claim.Required.Count(b => !b.IsV6) > 1) throw new FabricException(FabricFault.Configuration, $"node {claim.Name} asks for {string.Join(" ", claim.Required)}: a node has one block of each family");
    }

    /// <summary>Pods must not get addresses of the link that the nodes are on.</summary>
    private static void CheckLinks(NetworkRecord network, NodeClaim claim)
    {
        foreach (IpPrefix address in claim.Addresses)
        {
            foreach (BlockPool pool in network.Pools)
            {
                if (!pool.Cidr.Overlaps(address.Network) || pool.Reserved.Any(r => r.Length <= address.Length && r.Contains(address.Address))) continue;
                throw new FabricException(FabricFault.Configuration, $"cluster range {pool.Cidr} overlaps the link {address.Network} of node {claim.Name} ({address.Address}): choose another range, or reserve {address.Network} in it");
            }
        }
    }
}
