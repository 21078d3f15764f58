using System.Diagnostics;
using Twill.Fabric.Keep;
using Twill.Fabric.Model;

namespace Twill.KernelTests.Fabric;

/// <summary>A keeper at work on a thread of its own, and what it told.</summary>
internal sealed class RunningKeeper : IDisposable
{
    private readonly List<KeeperEvent> _events = [];
    private readonly Thread _thread;
    private Exception? _failure;

    internal RunningKeeper(FabricNode node, Cluster cluster, int auditMs = 60_000, int receiveBufferBytes = 4 * 1024 * 1024, bool keepsBridge = true)
    {
        Keeper = new NodeKeeper(
            new KeeperSettings { Node = node.Name, Network = node.Namespace, Pods = keepsBridge ? node.Pods : null, AuditMs = auditMs, ReceiveBufferBytes = receiveBufferBytes },
            e =>
            {
                lock (_events)
                {
                    _events.Add(e);
                    Monitor.PulseAll(_events);
                }
            });
        _thread = new Thread(() =>
        {
            try
            {
                Keeper.Run();
            }
            catch (Exception e)
            {
                _failure = e;
            }
        })
        { IsBackground = true, Name = "keeper" };
        Keeper.Set(cluster);
        _thread.Start();
    }

    internal NodeKeeper Keeper { get; }

    internal IReadOnlyList<KeeperEvent> Events
    {
        get
        {
            lock (_events) return [.. _events];
        }
    }

    /// <summary>Waits for an event, of those to come and those that came since <paramref name="since"/>.</summary>
    internal KeeperEvent Await(Func<KeeperEvent, bool> wished, int since = 0, int timeoutMs = 10_000)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_events)
        {
            while (true)
            {
                for (int i = since; i < _events.Count; i++)
                {
                    if (wished(_events[i])) return _events[i];
                }

                int left = timeoutMs - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (left <= 0 || !Monitor.Wait(_events, left)) throw new InvalidOperationException($"the keeper did not say so within {timeoutMs} ms; it said:\n{string.Join('\n', _events)}\n{_failure}");
            }
        }
    }

    internal KeeperEvent AwaitRepair(string subject, int since = 0) => Await(e => e.Kind == KeeperEventKind.Repaired && e.Subject == subject, since);

    internal void AwaitApplied(int since = 0) => Await(e => e.Kind == KeeperEventKind.Applied, since);

    /// <summary>Waits until so many looks at the kernel were made, so that what was written before has been heard.</summary>
    internal bool AwaitPasses(long passes, int timeoutMs = 10_000) => SpinWait.SpinUntil(() => Keeper.Counters.Passes >= passes, timeoutMs);

    /// <summary>Waits until the keeper has looked at nothing for a while: all echoes of the beginning are heard.</summary>
    internal void Settle()
    {
        long passes;
        do
        {
            passes = Keeper.Counters.Passes;
        }
        while (SpinWait.SpinUntil(() => Keeper.Counters.Passes != passes, 100));
    }

    public void Dispose()
    {
        Keeper.Stop();
        bool ended = _thread.Join(10_000);
        Keeper.Dispose();
        if (!ended || _failure is not null) throw new InvalidOperationException($"the keeper {(ended ? "failed" : "did not stop")}", _failure);
    }
}
