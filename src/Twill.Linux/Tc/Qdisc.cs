using Twill.Linux.Route;

namespace Twill.Linux.Tc;

/// <summary>A queueing discipline on a device, as the kernel told it.</summary>
public sealed record Qdisc
{
    public required IfIndex Dev { get; init; }

    public TcHandle Handle { get; init; }

    public TcHandle Parent { get; init; }

    public string Kind { get; init; } = "";

    public TbfInfo? Tbf { get; init; }
}
