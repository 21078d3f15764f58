using Twill.Agent.Paths;
using Twill.Agent.Services;
using Twill.Agent.Sources;
using Twill.Fabric.Keep;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;

namespace Twill.Agent;

/// <summary>Everything the agent knows at one moment: what its answers and metrics are made of.</summary>
internal sealed record NodeFacts
{
    internal required AgentSettings Settings { get; init; }

    internal required int ProcessId { get; init; }

    /// <summary>Seconds.</summary>
    internal required long Uptime { get; init; }

    internal required string SourceName { get; init; }

    internal required SourceReading<ClusterNode> Reading { get; init; }

    /// <summary>Since the connection to the source changed, in seconds.</summary>
    internal required long SourceSince { get; init; }

    /// <summary>The plan without any other node; null: nothing is kept yet.</summary>
    internal NodePlan? Frame { get; init; }

    /// <summary>The plan with all nodes, made when it is asked for.</summary>
    internal Func<NodePlan?> Whole { get; init; } = static () => null;

    /// <summary>How many elements each set of the node's table has, counted when it is asked for.</summary>
    internal Func<IReadOnlyList<(string Set, int Elements)>> SetSizes { get; init; } = static () => [];

    internal KeeperCounters Counters { get; init; } = new();

    /// <summary>The interface to the other nodes, and why that one.</summary>
    internal string Underlay { get; init; } = "";

    /// <summary>The CNI list was written: pods can come.</summary>
    internal bool Ready { get; init; }

    internal string ListPath { get; init; } = "";

    /// <summary>What somebody should look at, each one sentence.</summary>
    internal IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>How long what is in force may have been out of date, in seconds; 0: it is what the source says.</summary>
    internal double Lag { get; init; }

    /// <summary>What the ways to other nodes were like when they were last asked.</summary>
    internal IReadOnlyList<PathReading> Paths { get; init; } = [];

    /// <summary>Number of the last event.</summary>
    internal long LastEvent { get; init; }

    /// <summary>Null: services are off.</summary>
    internal ServiceFacts? Services { get; init; }

    internal ClusterNode? Self => Reading.Items?.FirstOrDefault(n => n.Name == Settings.Node);
}
