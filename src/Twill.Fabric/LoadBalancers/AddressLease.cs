namespace Twill.Fabric.LoadBalancers;

/// <summary>What to do next about one address.</summary>
public enum LeaseMove
{
    Wait,
    Read,

    /// <summary>Ours: write it again.</summary>
    Renew,

    /// <summary>Nobody's, or of somebody who has not been heard of for long enough.</summary>
    Take,

    /// <summary>Ours, and we may not have it any more.</summary>
    Release,
}

/// <summary>One address as one node sees it: what was read when, and what follows. Without I/O, and without a clock.</summary>
public sealed class AddressLease(string node)
{
    private bool _known;
    private long _changedMs, _nextMs;

    /// <summary>As last read or written; null: there is none.</summary>
    public LeaseRecord? Record { get; private set; }

    public bool IsOurs => _known && Record?.Holder == node;

    /// <summary>The source's answer to a read, or to a write that won.</summary>
    /// <param name="nowMs">When the answer was there: later than the change, so that what is counted from here is counted too long, never too short.</param>
    public void Observe(LeaseRecord? record, long nowMs)
    {
        if (!_known || record != Record) _changedMs = nowMs;
        _known = true;
        Record = record;
    }

    /// <summary>A write was lost to somebody else, or its answer did not come: what is there must be read.</summary>
    public void Doubt() => _known = false;

    /// <param name="nowMs">By this node's own monotonic clock.</param>
    /// <param name="mayHold">This node can announce it.</param>
    /// <param name="rank">This node's place in the order of the address, from 0.</param>
    public LeaseMove Decide(long nowMs, bool mayHold, int rank)
    {
        if (!_known) return LeaseMove.Read;
        if (IsOurs) return mayHold ? LeaseMove.Renew : LeaseMove.Release;
        if (mayHold && nowMs - _changedMs >= (Record is null or { Holder: "" } ? rank * (long)LeaseTimes.RankMs : LeaseTimes.TakeOverMs)) return LeaseMove.Take;
        if (nowMs < _nextMs) return LeaseMove.Wait;
        _nextMs = nowMs + (rank < LeaseTimes.QuickRanks ? 0 : LeaseTimes.SlowLookMs);
        return LeaseMove.Read;
    }
}
