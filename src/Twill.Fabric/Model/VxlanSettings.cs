using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>What all nodes' VXLAN devices have in common.</summary>
public sealed record VxlanSettings
{
    public const string DefaultDevice = "twill-vx";

    /// <summary>IANA's port, which other implementations use; the kernel's own default is 8472.</summary>
    public const ushort DefaultPort = 4789;

    public string Device { get; init; } = DefaultDevice;

    /// <summary>The number of our routes as well; 1 is taken by others on many nodes.</summary>
    public Vni Vni { get; init; } = new(77);

    public ushort Port { get; init; } = DefaultPort;
}
