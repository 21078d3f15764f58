using Twill.Etcd;
using Twill.Fabric;
using Twill.Fabric.Model;

namespace Twill.Agent.Registry;

/// <summary>The cluster's nodes in etcd: who has which block of the pods' addresses, and by which address it is reached.</summary>
/// <remarks>
/// Keys, with their values in <see cref="NetworkRecord"/>, <see cref="NodeRecord"/> and <see cref="OwnerRecord"/>:
/// <code>
/// /twill/v1/network                      the pools
/// /twill/v1/nodes/NAME                   machine id, addresses, blocks
/// /twill/v1/blocks/10.244.3.0-24         whose block
/// /twill/v1/addresses/192.168.1.11       whose address
/// </code>
/// One transaction writes a node's keys, and it holds only while the pools and the node's own record are as they were read and none
/// of the new blocks and addresses exists. All blocks of one size that do not have the same key do not overlap; the size is part of
/// the pools, and a change of the pools makes every claim under way read again. So no two nodes ever have one address between them.
/// Nothing here has a lease: a node that is away, or an etcd that is, takes nobody's block. Only <see cref="RemoveAsync"/> frees one.
/// </remarks>
/// <param name="client">Stays the caller's.</param>
internal sealed class NodeRegistry(EtcdClient client, string root = RegistryKeys.DefaultRoot)
{
    /// <summary>Races lost in a row. With a thousand nodes at once, each loses two or three.</summary>
    internal const int MaxRaces = 64;

    /// <summary>Answers lost in a row, each after a whole <see cref="EtcdOptions.CallTimeout"/>.</summary>
    internal const int MaxTroubles = 8;

    private readonly RegistryKeys _keys = new(root);

    /// <summary>Sets the cluster up, if nobody has.</summary>
    /// <returns>The pools there are: those asked for, or the ones that were there before.</returns>
    /// <exception cref="EtcdException">etcd refused, or was not reached.</exception>
    /// <exception cref="FabricException">What is there cannot be read.</exception>
    public async Task<NetworkRecord> EnsureNetworkAsync(NetworkRecord wanted, CancellationToken cancel = default)
    {
        for (int trouble = 0; ; trouble++)
        {
            try
            {
                TransactionResult result = await client.CommitAsync(
                    new Transaction
                    {
                        If = [Compare.Absent(_keys.Network)],
                        Success = [new EtcdOperation.Put(_keys.Network, wanted.ToJson())],
                        Failure = [new EtcdOperation.Range(KeyRange.Of(_keys.Network))],
                    },
                    cancel).ConfigureAwait(false);
                if (result.Succeeded) return wanted;
                KeyValue there = ((EtcdResult.Range)result.Results[0]).Entries[0];
                return NetworkRecord.Parse(there.KeyText, there.Value.Span);
            }
            catch (EtcdException e) when (IsWorthAnother(e, trouble))
            {
                // Done or not: asked again it finds what it wrote itself.
            }
        }
    }

    /// <summary>Registers a node, or what has changed about it. Asked again with nothing changed it writes nothing.</summary>
    /// <exception cref="EtcdException">etcd refused, or was not reached. Whether the node is registered is then not known: ask again.</exception>
    /// <exception cref="FabricException">Its name, an address or a block belongs to another; no block is left; the pools do not fit.</exception>
    public async Task<ClusterNode> JoinAsync(NodeClaim claim, CancellationToken cancel = default)
    {
        RegistryView? view = null;
        int trouble = 0;
        for (int race = 0; race < MaxRaces;)
        {
            try
            {
                view ??= await ReadAsync(claim, cancel).ConfigureAwait(false);
                ClaimDecision decision = ClaimPlan.Decide(view, claim, race);
                if (decision is not ClaimDecision.Write write) return decision.Record.ToNode();
                TransactionResult result = await client.CommitAsync(Claim(view, write) with { Failure = RegistryView.Reads(_keys, claim) }, cancel).ConfigureAwait(false);
                if (result.Succeeded) return write.Record.ToNode();
                view = RegistryView.Parse(_keys, claim, result.Results);
                trouble = 0;
                race++;
            }
            catch (EtcdException e) when (IsWorthAnother(e, trouble))
            {
                // Perhaps it was done: then the next view has it, and the decision is that all is settled.
                view = null;
                trouble++;
            }
        }

        throw new FabricException(FabricFault.Busy, $"node {claim.Name} gets no block: {MaxRaces} times another node was quicker: try again");
    }

    /// <summary>Takes a node out, and frees its blocks and addresses. Like: twill node remove NAME.</summary>
    /// <returns>What it was; null: it was not there.</returns>
    /// <exception cref="EtcdException">etcd refused, or was not reached: ask again.</exception>
    public async Task<ClusterNode?> RemoveAsync(string name, CancellationToken cancel = default)
    {
        int trouble = 0;
        NodeRecord? seen = null;
        for (int race = 0; race < MaxRaces;)
        {
            try
            {
                EtcdResult.Range found = await client.RangeAsync(new EtcdOperation.Range(KeyRange.Of(_keys.Node(name))), cancel).ConfigureAwait(false);
                if (found.Entries.Count == 0) return seen?.ToNode();
                seen = NodeRecord.Parse(found.Entries[0].KeyText, found.Entries[0].Value.Span);
                TransactionResult result = await client.CommitAsync(
                    new Transaction { If = [Compare.Unchanged(_keys.Node(name), found.Entries[0].ModRevision)], Success = [Delete(_keys.Node(name)), .. Keys(seen).Select(Delete)] },
                    cancel).ConfigureAwait(false);
                if (result.Succeeded) return seen.ToNode();
                seen = null;
                race++;
            }
            catch (EtcdException e) when (IsWorthAnother(e, trouble))
            {
                trouble++;
            }
        }

        throw new FabricException(FabricFault.Busy, $"node {name} cannot be removed: it changed {MaxRaces} times meanwhile; is its agent still running?");

        static EtcdOperation Delete(string key) => new EtcdOperation.Delete(KeyRange.Of(key));
    }

    /// <summary>Follows the nodes: a snapshot, then differences.</summary>
    public NodeFollower Follow() => new(client, _keys);

    /// <summary>All keys of a node but its own. They are written and deleted together with it only.</summary>
    private IEnumerable<string> Keys(NodeRecord record) => [.. record.Blocks.Select(_keys.Block), .. record.Addresses.Select(a => _keys.Address(a.Address))];

    /// <exception cref="EtcdException">Not reached.</exception>
    private async Task<RegistryView> ReadAsync(NodeClaim claim, CancellationToken cancel)
    {
        TransactionResult result = await client.CommitAsync(new Transaction { Success = RegistryView.Reads(_keys, claim) }, cancel).ConfigureAwait(false);
        return RegistryView.Parse(_keys, claim, result.Results);
    }

    /// <summary>A decision as a transaction that holds only while the decision does.</summary>
    internal Transaction Claim(RegistryView view, ClaimDecision.Write write)
    {
        string name = write.Record.Name;
        byte[] owner = new OwnerRecord(name).ToJson();
        string[] created = [.. write.NewBlocks.Select(_keys.Block), .. write.NewAddresses.Select(_keys.Address)];
        return new Transaction
        {
            If = [Compare.Unchanged(_keys.Network, view.NetworkRevision), Compare.Unchanged(_keys.Node(name), view.NodeRevision), .. created.Select(Compare.Absent)],
            Success = [
                new EtcdOperation.Put(_keys.Node(name), write.Record.ToJson()),
                .. created.Select(k => new EtcdOperation.Put(k, owner)),
                .. write.OldAddresses.Select(a => new EtcdOperation.Delete(KeyRange.Of(_keys.Address(a))))],
        };
    }

    /// <summary>A lost answer, a lost leader, a dropped proposal: the next look tells what became of it.</summary>
    private static bool IsWorthAnother(EtcdException e, int trouble) => trouble < MaxTroubles && (e.IsTransient || e.Status == GrpcStatus.Unknown);
}
