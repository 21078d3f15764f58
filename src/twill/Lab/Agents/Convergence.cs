using System.Diagnostics;
using Twill.Lab.Model;
using Twill.Lab.Steps;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.Lab.Agents;

/// <summary>Listens in every other node for the routes to a node's blocks, from before the node is told of until the last one has them, or has them no longer.</summary>
internal sealed class Convergence : IDisposable
{
    /// <summary>In all; milliseconds.</summary>
    private const int PatienceMs = 30_000;

    private readonly List<(string Node, NetlinkMonitor Monitor)> _ears = [];
    private readonly IpPrefix[] _blocks;
    private readonly bool _appears;
    private long _told;

    private Convergence(IpPrefix[] blocks, bool appears) => (_blocks, _appears) = (blocks, appears);

    /// <param name="before">The lab as it is.</param>
    /// <param name="after">The same with a node more, or one less.</param>
    /// <returns>Null: no agents, or not one node more or less.</returns>
    internal static Convergence? Between(LabSpec before, LabSpec after)
    {
        LabNodeSpec[] come = [.. after.Nodes.Except(before.Nodes)], go = [.. before.Nodes.Except(after.Nodes)];
        if (!after.HasAgents || after.Mode == LabMode.Router || come.Length + go.Length != 1) return null;
        LabNodeSpec changed = come.Length == 1 ? come[0] : go[0];
        var convergence = new Convergence([.. after.NodeOf(changed.Index).PodBlocks], come.Length == 1);
        foreach (LabNodeSpec node in before.Nodes.Where(n => n != changed))
        {
            using NetworkNamespace? network = NetworkNamespace.TryOpen(NetworkNamespace.NamedPath(node.Name), out _);
            if (network is not null) convergence._ears.Add((node.Name, RouteMonitor.Open(RouteGroups.Routes, network)));
        }

        return convergence;
    }

    /// <summary>Called before each step is done: with the one that tells the source time begins.</summary>
    internal void Note(LabStep step)
    {
        if (step is TellNodes or StartAgent { Running: "" } or StopAgent { Leaves: true }) Interlocked.CompareExchange(ref _told, Stopwatch.GetTimestamp(), 0);
    }

    /// <summary>Waits on a thread of its own, so that what else is done meanwhile does not count.</summary>
    internal Func<string> Listen()
    {
        long last = 0;
        string? silent = null;
        var thread = new Thread(() =>
        {
            long start = Stopwatch.GetTimestamp();
            foreach ((string node, NetlinkMonitor monitor) in _ears)
            {
                var reader = new RouteEventReader<Ear>(new Ear([.. _blocks], _appears));
                while (reader.Events.Left.Count > 0)
                {
                    int left = PatienceMs - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                    if (left <= 0 || monitor.Wait(left, ref reader) != MonitorEvent.Received)
                    {
                        silent = node;
                        return;
                    }
                }
            }

            Volatile.Write(ref last, Stopwatch.GetTimestamp());
        })
        { IsBackground = true, Name = "lab" };
        thread.Start();
        return () =>
        {
            thread.Join();
            string what = _appears ? "the routes to the new node" : "no routes to it any longer";
            if (silent is not null) return $"{silent} did not get {what} within {PatienceMs / 1000} s: see {LabAgents.LogOf(silent)}";
            double ms = Math.Max(0, Stopwatch.GetElapsedTime(_told, Volatile.Read(ref last)).TotalMilliseconds);
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_ears.Count} other node{(_ears.Count == 1 ? "" : "s")} had {what} {ms:0.0} ms after the source knew");
        };
    }

    public void Dispose()
    {
        foreach ((_, NetlinkMonitor monitor) in _ears) monitor.Dispose();
    }

    /// <summary>Crosses off what comes, or goes.</summary>
    private sealed class Ear(List<IpPrefix> left, bool appears) : IRouteEvents
    {
        internal List<IpPrefix> Left => left;

        public void OnRoute(in RouteView route, bool removed)
        {
            if (removed != appears) left.Remove(route.Destination);
        }
    }
}
