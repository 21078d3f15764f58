namespace Twill.Cli;

/// <summary>What was typed behind `twill cni VERB`.</summary>
/// <param name="CacheDirectory">Null: no cache.</param>
internal sealed record CniCommandInput(string Conf, string CniPath, string? CacheDirectory)
{
    /// <summary>A name or a path.</summary>
    internal string NetNs { get; init; } = "";

    internal string? ContainerId { get; init; }

    internal string IfName { get; init; } = "eth0";

    internal string Args { get; init; } = "";

    internal string Capability { get; init; } = "";
}
