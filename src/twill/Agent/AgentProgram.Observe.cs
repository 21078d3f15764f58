using Twill.Agent.Paths;
using Twill.Agent.Sources;
using Twill.Fabric.Model;
using Twill.Linux.Netns;
using Twill.Linux.Sys;
using Twill.Plugin;

namespace Twill.Agent;

/// <summary>What the agent looks at for its metrics alone. Where it cannot, it says so once and does its work.</summary>
internal sealed partial class AgentProgram
{
    private volatile PathProbe? _paths;
    private IReadOnlyList<PathTarget> _targets = [];
    private object? _targetsOf;

    /// <summary>Timestamp: since when the source has had a list that is not in force; 0: it is.</summary>
    private long _behind;

    private void Observe()
    {
        try
        {
            if (Postbox.TryOpen(RunNote.BoxName) is { } box) Begin("twill-runs", () => _runs.Run(box));
            else log.Warning("metrics", $"somebody else has the name {RunNote.BoxName}: runs of the plugin are not counted");
            using NetworkNamespace own = NetworkNamespace.Own();
            var paths = new PathProbe(own);
            Begin("twill-paths", () => paths.Run(Targets));
            _paths = paths;
        }
        catch (LinuxException e)
        {
            log.Warning("metrics", $"{e.Message}: twill_cni_* or twill_path_* stay empty");
        }
    }

    /// <summary>On the thread of the paths. Made anew only for another plan: it takes the plan of everybody.</summary>
    private IReadOnlyList<PathTarget> Targets()
    {
        object? mark = _keeper?.PlanMark;
        if (!ReferenceEquals(mark, _targetsOf)) (_targetsOf, _targets) = (mark, PathTarget.Of(_keeper!.Plan, _source.Reading.Items ?? []));
        return _targets;
    }

    /// <summary>A thread that works until the process ends; if it fails, so does the agent.</summary>
    private void Begin(string name, Action work) => new Thread(() =>
    {
        try
        {
            ProcessName.SetOfThread(name);
            work();
        }
        catch (Exception e)
        {
            Die(e);
        }
    })
    { IsBackground = true }.Start();

    private void NoteBehind(bool inForce)
    {
        if (inForce) Volatile.Write(ref _behind, 0);
        else if (_behind == 0) Volatile.Write(ref _behind, time.GetTimestamp());
    }

    /// <summary>While the source is away nobody knows what it says; what it said last is as old as that.</summary>
    private double Lag(SourceReading<ClusterNode> reading)
    {
        long since = reading.Problem is null ? Volatile.Read(ref _behind) : reading.Since == 0 ? _start : reading.Since;
        return since == 0 ? 0 : time.GetElapsedTime(since).TotalSeconds;
    }
}
