using Twill.Fabric.Model;
using Twill.Linux.Netns;

namespace Twill.Fabric.Services.Keep;

/// <summary>Whose services a <see cref="ServiceLoop"/> keeps, and how.</summary>
public sealed record ServiceLoopSettings
{
    /// <summary>The pods' bridge; null: pods are routed.</summary>
    public BridgeSettings? Bridge { get; init; }

    /// <summary>The node's namespace; null: that of the thread that runs the loop.</summary>
    public NetworkNamespace? Network { get; init; }

    /// <summary>Milliseconds between two looks, whatever was heard.</summary>
    public int AuditMs { get; init; } = 60_000;
}
