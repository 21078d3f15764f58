using Twill.Fabric.Model;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;

namespace Twill.Fabric.Keep;

/// <summary>Which node a <see cref="NodeKeeper"/> keeps, and how.</summary>
public sealed record KeeperSettings
{
    /// <summary>This node's name in the list of nodes.</summary>
    public required string Node { get; init; }

    /// <summary>The node's namespace; null: that of the thread that runs the keeper.</summary>
    public NetworkNamespace? Network { get; init; }

    /// <summary>The interface to the other nodes; null: chosen (<see cref="Apply.UnderlayChoice"/>).</summary>
    public string? Device { get; init; }

    /// <summary>The network whose bridge is kept; null: none is.</summary>
    public NetworkSettings? Pods { get; init; }

    /// <summary>Called on the keeper's thread after each look at the kernel; it must not block.</summary>
    public Action? AfterPass { get; init; }

    /// <summary>Milliseconds between two looks at everything, whatever was heard.</summary>
    public int AuditMs { get; init; } = 60_000;

    /// <summary>Of the socket that listens; small in tests that force overruns.</summary>
    public int ReceiveBufferBytes { get; init; } = NetlinkMonitor.ReceiveBufferBytes;
}
