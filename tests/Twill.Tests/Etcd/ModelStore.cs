using Twill.Agent.Registry;
using Twill.Fabric;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Etcd;

/// <summary>The registry as a few dictionaries, with the conditions that a claim's transaction states in etcd.</summary>
internal sealed class ModelStore(NetworkRecord network)
{
    private readonly List<State> _history = [new State(1, network, 1, new Dictionary<string, (NodeRecord, long)>())];

    private sealed record State(long Revision, NetworkRecord Network, long NetworkRevision, Dictionary<string, (NodeRecord Record, long Revision)> Nodes)
    {
        public Dictionary<IpPrefix, string> Blocks => Nodes.Values.SelectMany(n => n.Record.Blocks.Select(b => (b, n.Record.Name))).ToDictionary();

        public Dictionary<IpAddress, string> Addresses => Nodes.Values.SelectMany(n => n.Record.Addresses.Select(a => (a.Address, n.Record.Name))).ToDictionary();
    }

    private State Now => _history[^1];

    public void Change(NetworkRecord next) => _history.Add(Now with { Revision = Now.Revision + 1, Network = next, NetworkRevision = Now.Revision + 1 });

    public void Remove(string name)
    {
        var nodes = new Dictionary<string, (NodeRecord, long)>(Now.Nodes);
        if (nodes.Remove(name)) _history.Add(Now with { Revision = Now.Revision + 1, Nodes = nodes });
    }

    public void Join(NodeClaim claim, int age, int attempt)
    {
        State seen = _history[Math.Max(0, _history.Count - 1 - age)];
        bool known = seen.Nodes.TryGetValue(claim.Name, out (NodeRecord Record, long Revision) node);
        ClaimDecision decision;
        try
        {
            Dictionary<IpAddress, string> owners = seen.Addresses.Where(a => claim.Addresses.Any(c => c.Address == a.Key)).ToDictionary();
            decision = ClaimPlan.Decide(new RegistryView(seen.Network, seen.NetworkRevision, known ? node.Record : null, known ? node.Revision : 0, seen.Blocks, owners), claim, attempt);
        }
        catch (FabricException)
        {
            return;
        }

        if (decision is not ClaimDecision.Write write) return;
        long revisionNow = Now.Nodes.TryGetValue(claim.Name, out (NodeRecord Record, long Revision) n) ? n.Revision : 0;
        bool holds = Now.NetworkRevision == seen.NetworkRevision && revisionNow == (known ? node.Revision : 0)
            && !write.NewBlocks.Any(Now.Blocks.ContainsKey) && !write.NewAddresses.Any(Now.Addresses.ContainsKey);
        if (!holds) return;
        var nodes = new Dictionary<string, (NodeRecord, long)>(Now.Nodes) { [claim.Name] = (write.Record, Now.Revision + 1) };
        _history.Add(Now with { Revision = Now.Revision + 1, Nodes = nodes });
    }

    public void AssertNoTwoOverlap()
    {
        IpPrefix[] blocks = [.. Now.Nodes.Values.SelectMany(n => n.Record.Blocks).OrderBy(b => b.First)];
        for (int i = 1; i < blocks.Length; i++) Assert.False(blocks[i - 1].Overlaps(blocks[i]), $"{blocks[i - 1]} and {blocks[i]} after {_history.Count} changes");
        Assert.Distinct(Now.Nodes.Values.SelectMany(n => n.Record.Addresses.Select(a => a.Address)));
    }
}
