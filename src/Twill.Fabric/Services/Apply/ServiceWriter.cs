using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.Linux.Conntrack;
using Twill.Linux.Netns;
using Twill.Linux.Nft;

namespace Twill.Fabric.Services.Apply;

/// <summary>Keeps a node's table of services as described: reads it once, then writes differences, each as one transaction.</summary>
/// <remarks>
/// Where there is no table at all it is filled by several transactions, each of whole services: for each element of one that is not yet done the
/// kernel holds a notification of a page, if anybody listens.
/// The table grows by one element for each frontend and one for each endpoint of it. With nobody writing, it goes on translating as it
/// is. A connection that is tracked keeps its endpoint whatever is written. Nothing is remembered elsewhere: another writer that reads
/// the table finds the same, and writes nothing.
/// </remarks>
public sealed class ServiceWriter(NetworkNamespace? node = null) : IDisposable
{
    /// <summary>Somebody else changed some ruleset between our reading and writing: again, at most this often.</summary>
    private const int MaxRaces = 64;

    /// <summary>Elements of one transaction, where there was no table: more only where one service has more.</summary>
    private const int Portion = 4096;

    private readonly ConntrackSocket _conntrack = ConntrackSocket.Open(node);
    private readonly NftSocket _nft = NftSocket.Open(node);
    private ServicePlan? _plan;

    /// <summary>Chains in the table that spread, used or not; of <see cref="_plan"/>.</summary>
    private HashSet<string> _chains = [];

    /// <summary>Of the last <see cref="Write"/>; 0 where nothing was to be written.</summary>
    public (int Bytes, int Messages, uint Transactions) LastWritten { get; private set; }

    /// <summary>UDP connections that the last <see cref="Write"/> made conntrack forget.</summary>
    public int LastForgotten { get; private set; }

    /// <summary>What the table holds, as far as this writer knows; null before the first <see cref="Write"/> and after <see cref="Doubt"/>.</summary>
    public ServicePlan? Plan => _plan;

    public void Dispose()
    {
        _nft.Dispose();
        _conntrack.Dispose();
    }

    /// <summary>Somebody else wrote to the table, or events were lost: the next <see cref="Write"/> reads it again.</summary>
    public void Doubt() => _plan = null;

    /// <summary>Makes the table hold what the snapshot describes.</summary>
    /// <returns>What was written; empty where it was so already.</returns>
    /// <exception cref="FabricException">Others kept changing nftables in between.</exception>
    public ServiceDifference Write(ServiceSnapshot snapshot)
    {
        LastWritten = default;
        LastForgotten = 0;
        if (_plan is { } before)
        {
            ServicePlan after = ServiceCompiler.Compile(snapshot, before);
            ServiceDifference difference = ServiceDifference.Between(before, after, _chains);
            if (!difference.IsEmpty && !(Commit(null, t => AddChains(t, difference)).Ok && Commit(null, t => Add(t, difference)).Ok))
            {
                // Not what we believed it to be: read it, and write from there.
                Doubt();
                return Write(snapshot);
            }

            Hold(after, difference);
            if (!difference.IsEmpty) LastForgotten = StaleFlows.Remove(_conntrack, StaleFlows.Changed(before, after), after);
            return difference;
        }

        for (int race = 0; race < MaxRaces; race++)
        {
            uint generation = _nft.Generation();
            bool whole = Read(out List<ServiceElement> elements, out _chains);
            ServicePlan after = ServiceCompiler.Compile(snapshot, whole ? ServiceState.ArrangementOf(elements) : null);
            ServiceDifference difference = ServiceDifference.From(elements, _chains, after);
            NftOutcome outcome;
            if (whole)
            {
                outcome = Commit(generation, t => AddChains(t, difference));
                if (outcome.Ok) outcome = Commit(difference.NewChains.Count > 0 ? generation + 1 : generation, t => Add(t, difference));
            }
            else if (_nft.Table(ServiceTable.Table.Family, ServiceTable.Table.Name) is null)
            {
                outcome = Fill(generation, difference, after);
            }
            else
            {
                outcome = Commit(generation, t =>
                {
                    AddGround(t);
                    AddChains(t, difference);
                    Add(t, difference);
                });
            }

            if (outcome.GenerationChanged) continue;
            outcome.ThrowIfFailed();
            Hold(after, difference);

            // Also if it was so already: a writer may have died between its last transaction and this.
            LastForgotten = StaleFlows.Remove(_conntrack, StaleFlows.Changed(null, after), after);
            return difference;
        }

        throw new FabricException(FabricFault.Busy, $"table {ServiceTable.Table} could not be changed: other nftables changes came in between {MaxRaces} times; try again");
    }

    /// <summary>Nothing is there that could be lost, so not all has to come at the same moment.</summary>
    private NftOutcome Fill(uint generation, ServiceDifference difference, ServicePlan plan)
    {
        NftOutcome outcome = Commit(generation, t =>
        {
            AddGround(t);
            AddChains(t, difference);
        });
        foreach (List<ServiceElement> some in plan.Portions(Portion))
        {
            if (!outcome.Ok) break;
            ServiceDifference part = ServiceDifference.Of(some);
            outcome = Commit(++generation, t => Add(t, part));
        }

        return outcome;
    }

    /// <summary>Takes the table away with all in it. Fine if absent.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove()
    {
        Doubt();
        return _nft.RemoveTable(ServiceTable.Table);
    }

    /// <summary>What the kernel holds, with its counters.</summary>
    public ServiceState State()
    {
        bool whole = Read(out List<ServiceElement> elements, out _);
        bool present = whole || _nft.Table(ServiceTable.Table.Family, ServiceTable.Table.Name) is not null;
        return ServiceState.Of(present, whole, whole || !present ? elements : Content());
    }

    /// <summary>Reads the table's content.</summary>
    /// <returns>Whether its chains, maps and rules are ours and complete; if not it is made anew, and nothing of it counts.</returns>
    internal bool Read(out List<ServiceElement> elements, out HashSet<string> chains)
    {
        elements = [];
        chains = [];
        if (_nft.Table(ServiceTable.Table.Family, ServiceTable.Table.Name) is null) return false;
        var wanted = new List<NftRule>(ServiceTable.Rules);
        ImmutableArray<NftChain> present = _nft.Chains(ServiceTable.Table);
        foreach (NftChain chain in ServiceTable.Chains)
        {
            if (!present.Any(c => c.Name == chain.Name && c.Hook == chain.Hook)) return false;
        }

        var names = new HashSet<string>();
        foreach (NftChain chain in present)
        {
            if (ServiceTable.Chains.Any(c => c.Name == chain.Name)) continue;
            if (!SpreadChain.TryParse(chain.Name, out SpreadChain spread)) return false;
            names.Add(chain.Name);
            wanted.AddRange(spread.Rules());
        }

        if (!Same(wanted, _nft.Rules(ServiceTable.Table))) return false;
        ImmutableArray<NftSet> sets = _nft.Sets(ServiceTable.Table);
        foreach (NftSet set in ServiceTable.AllSets)
        {
            if (!sets.Any(s => s.Name == set.Name && s.Key.Equals(set.Key) && Equals(s.Data, set.Data) && (s.Interval, s.Dynamic, s.Timeout, s.Counter) == (set.Interval, set.Dynamic, set.Timeout, set.Counter))) return false;
        }

        elements = Content();
        chains = names;
        return true;
    }

    /// <summary>All elements that are ours to write.</summary>
    internal List<ServiceElement> Content()
    {
        var elements = new List<ServiceElement>();
        foreach (NftSet set in ServiceTable.OurSets)
        {
            foreach (NftElement element in _nft.Elements(set)) elements.Add(new ServiceElement(set, element));
        }

        return elements;
    }

    private static bool Same(List<NftRule> wanted, ImmutableArray<NftRuleInfo> present)
    {
        if (wanted.Count != present.Length) return false;
        foreach (IGrouping<string, NftRule> chain in wanted.GroupBy(r => r.Chain.Name))
        {
            NftRuleInfo[] there = [.. present.Where(r => r.Chain.Name == chain.Key)];
            NftRule[] rules = [.. chain];
            if (rules.Length != there.Length) return false;
            for (int i = 0; i < rules.Length; i++)
            {
                if (!rules[i].Matches(there[i])) return false;
            }
        }

        return true;
    }

    private static void AddGround(NftTransaction transaction)
    {
        // Deleting what may be absent needs a kernel of 6.3; making it first needs none.
        transaction.EnsureTable(ServiceTable.Table).DeleteTable(ServiceTable.Table).AddTable(ServiceTable.Table);
        foreach (NftSet set in ServiceTable.AllSets) transaction.AddSet(set);
        foreach (NftChain chain in ServiceTable.Chains) transaction.AddChain(chain);
        foreach (NftRule rule in ServiceTable.Rules) transaction.AddRule(rule);
    }

    /// <summary>Commits what is put into a transaction; nothing is success.</summary>
    private NftOutcome Commit(uint? generation, Action<NftTransaction> fill)
    {
        NftTransaction transaction = _nft.NewTransaction(generation);
        fill(transaction);
        if (transaction.Count == 0) return default;
        NftOutcome outcome = _nft.Commit(transaction);
        if (outcome.Ok) LastWritten = (LastWritten.Bytes + transaction.Length, LastWritten.Messages + transaction.Count, LastWritten.Transactions + 1);
        return outcome;
    }

    private void Hold(ServicePlan plan, ServiceDifference difference)
    {
        _plan = plan;
        foreach (SpreadChain chain in difference.NewChains) _chains.Add(chain.Name);
        _chains.ExceptWith(difference.OldChains);
    }

    internal static void AddChains(NftTransaction transaction, ServiceDifference difference)
    {
        foreach (SpreadChain chain in difference.NewChains)
        {
            transaction.AddChain(chain.Chain);
            foreach (NftRule rule in chain.Rules()) transaction.AddRule(rule);
        }
    }

    internal static void Add(NftTransaction transaction, ServiceDifference difference)
    {
        // A chain that elements name cannot go before them (EBUSY), and elements cannot name one that is not there yet.
        foreach (NftSet set in ServiceTable.OurSets) transaction.DeleteElements(set, Span(difference.Removed(set)));
        foreach (NftSet set in ServiceTable.OurSets)
        {
            if (ServiceTable.IsHairpin(set.Name)) transaction.EnsureElements(set, Span(difference.Added(set)));
            else transaction.AddElements(set, Span(difference.Added(set)));
        }

        foreach (string chain in difference.OldChains)
        {
            transaction.FlushChain(new NftChain(ServiceTable.Table, chain));
            transaction.DeleteChain(new NftChain(ServiceTable.Table, chain));
        }
    }

    private static ReadOnlySpan<NftElement> Span(IReadOnlyList<NftElement> elements) => CollectionsMarshal.AsSpan((List<NftElement>)(elements as List<NftElement> ?? [.. elements]));
}
