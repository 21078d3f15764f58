namespace Twill.Agent.Sources;

/// <summary>Where the agent learns from what the cluster is made of, nodes or services: a snapshot, then changes. A source that is away keeps its last snapshot.</summary>
internal interface ISource<T>
{
    /// <summary>What it is, for status and messages: "file /etc/twill/nodes.yaml".</summary>
    string Description { get; }

    /// <summary>The latest reading; from any thread.</summary>
    SourceReading<T> Reading { get; }

    /// <summary>Works until the token ends it; an unreachable or unreadable source is a <see cref="SourceReading{T}.Problem"/>, not an exception.</summary>
    /// <param name="changed">Called after each change of <see cref="Reading"/>, from any thread; must not block.</param>
    Task RunAsync(Action changed, CancellationToken token);
}
