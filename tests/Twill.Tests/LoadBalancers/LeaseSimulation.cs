using Twill.Fabric.LoadBalancers;

namespace Twill.Tests.LoadBalancers;

/// <summary>Nodes that agree by one record, each call as late as chance wants it, some of them killed: milliseconds without a clock.</summary>
internal sealed class LeaseSimulation
{
    private const int Rank = 0;

    private readonly Random _chance;
    private readonly PriorityQueue<Action, (long At, int Order)> _events = new();
    private readonly int _takeOverShortenedMs;
    private readonly long[] _upUntil;
    private readonly bool[] _dead;
    private LeaseRecord? _record;
    private long _now, _version;
    private int _order;

    /// <param name="shortenedMs">The negative control: nodes wait that much less before they take over.</param>
    internal LeaseSimulation(int seed, int nodes, int shortenedMs = 0)
    {
        _chance = new Random(seed);
        _takeOverShortenedMs = shortenedMs;
        _upUntil = new long[nodes];
        _dead = new bool[nodes];
        for (int i = 0; i < nodes; i++) Start(i);
    }

    /// <summary>When two nodes had the address at once; null: never.</summary>
    internal string? Violation { get; private set; }

    internal int Takes { get; private set; }

    /// <summary>Longest time without anybody, after the first had it.</summary>
    internal long LongestGapMs { get; private set; }

    internal void Run(long forMs, int killEveryMs)
    {
        for (long at = killEveryMs; at < forMs; at += killEveryMs) After(at, KillHolder);
        long covered = 0;
        while (_events.TryDequeue(out Action? next, out (long At, int Order) when) && when.At < forMs)
        {
            _now = when.At;
            next();
            long until = _upUntil.Max();
            if (covered > 0 && until > covered && _now > covered) LongestGapMs = Math.Max(LongestGapMs, _now - covered);
            covered = Math.Max(covered, until);
        }
    }

    private void Start(int node)
    {
        string name = $"n{node}";
        var lease = new AddressLease(name);
        After(_chance.Next(LeaseTimes.LookMs), Look);

        void Look()
        {
            if (_dead[node]) return;
            long begun = _now;
            LeaseRecord? seen = lease.Record;
            LeaseMove move = lease.Decide(begun + (lease.IsOurs ? 0 : _takeOverShortenedMs), true, Rank);
            if (move == LeaseMove.Wait)
            {
                After(LeaseTimes.LookMs, Look);
                return;
            }

            LeaseRecord? answer = null;
            bool lost = _chance.Next(20) == 0;
            After(Delay(), () =>
            {
                // At the store.
                if (move == LeaseMove.Read) answer = _record;
                else if (_record == seen) _record = answer = new LeaseRecord(name, ++_version);
                After(Delay(), () =>
                {
                    if (_dead[node]) return;
                    if (lost || _now - begun > LeaseTimes.CallMs) lease.Doubt();
                    else if (move == LeaseMove.Read) lease.Observe(answer, _now);
                    else if (answer is null)
                    {
                        lease.Doubt();
                        _upUntil[node] = Math.Min(_upUntil[node], _now);
                    }
                    else
                    {
                        lease.Observe(answer, _now);
                        if (move == LeaseMove.Take) Takes++;
                        if (_now - begun <= LeaseTimes.MaxRenewalMs) Hold(node);
                    }

                    After((int)Math.Max(0, LeaseTimes.LookMs - (_now - begun)), Look);
                });
            });
        }
    }

    private void Hold(int node)
    {
        for (int other = 0; other < _upUntil.Length; other++)
        {
            if (other != node && _upUntil[other] > _now) Violation ??= $"at {_now} ms n{node} puts it up, n{other} has it until {_upUntil[other]} ms";
        }

        _upUntil[node] = _now + LeaseTimes.LapseMs;
    }

    /// <summary>And another of its name comes a little later, as a service manager would have it; what the dead one put up lapses by itself.</summary>
    private void KillHolder()
    {
        int holder = Array.IndexOf(_upUntil, _upUntil.Max());
        if (_dead[holder]) return;
        _dead[holder] = true;
        After(5000, () =>
        {
            _dead[holder] = false;
            Start(holder);
        });
    }

    /// <summary>Mostly quick, now and then as slow as the bounds allow and beyond.</summary>
    private int Delay() => _chance.Next(30) == 0 ? _chance.Next(600) : _chance.Next(20);

    private void After(long ms, Action action) => _events.Enqueue(action, (_now + ms, ++_order));
}
