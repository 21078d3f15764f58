using Twill.Etcd;
using Twill.Linux.Route;

namespace Twill.Agent.Registry;

/// <summary>What a claim is decided upon: all of it as of one revision.</summary>
/// <param name="Network">Null: nobody has set the cluster up.</param>
/// <param name="Node">What stands under the claimed name, if anything.</param>
/// <param name="Blocks">Every block of every node.</param>
/// <param name="AddressOwners">Owners of the claimed addresses that have one.</param>
internal sealed record RegistryView(NetworkRecord? Network, long NetworkRevision, NodeRecord? Node, long NodeRevision, IReadOnlyDictionary<IpPrefix, string> Blocks, IReadOnlyDictionary<IpAddress, string> AddressOwners)
{
    /// <summary>The reads that make a view, alone or as the failure branch of a claim.</summary>
    public static EtcdOperation[] Reads(RegistryKeys keys, NodeClaim claim)
        => [new EtcdOperation.Range(KeyRange.Of(keys.Network)), new EtcdOperation.Range(KeyRange.Of(keys.Node(claim.Name))), new EtcdOperation.Range(KeyRange.Prefix(keys.Blocks)),
            .. claim.Addresses.Select(a => new EtcdOperation.Range(KeyRange.Of(keys.Address(a.Address))))];

    /// <exception cref="Twill.Fabric.FabricException">A record that cannot be read: it might be a claim, so nothing is claimed beside it.</exception>
    public static RegistryView Parse(RegistryKeys keys, NodeClaim claim, IReadOnlyList<EtcdResult> results)
    {
        KeyValue? network = First(results[0]), node = First(results[1]);
        var blocks = new Dictionary<IpPrefix, string>();
        foreach (KeyValue entry in ((EtcdResult.Range)results[2]).Entries)
        {
            string key = entry.KeyText;
            IpPrefix block = keys.BlockOf(key) ?? throw new Twill.Fabric.FabricException(Twill.Fabric.FabricFault.Configuration, $"etcd key {key}: is no block; remove it");
            blocks[block] = OwnerRecord.Parse(key, entry.Value.Span).Node;
        }

        var owners = new Dictionary<IpAddress, string>();
        for (int i = 0; i < claim.Addresses.Count; i++)
        {
            if (First(results[3 + i]) is { } entry) owners[claim.Addresses[i].Address] = OwnerRecord.Parse(entry.KeyText, entry.Value.Span).Node;
        }

        return new RegistryView(
            network is null ? null : NetworkRecord.Parse(network.KeyText, network.Value.Span),
            network?.ModRevision ?? 0,
            node is null ? null : NodeRecord.Parse(node.KeyText, node.Value.Span),
            node?.ModRevision ?? 0,
            blocks,
            owners);
    }

    private static KeyValue? First(EtcdResult result) => ((EtcdResult.Range)result).Entries is [var entry, ..] ? entry : null;
}
