using Twill.Linux.Route;

namespace Twill.Linux.Tc;

/// <summary>A filter below a qdisc, as the kernel told it.</summary>
public sealed record Filter
{
    public required IfIndex Dev { get; init; }

    /// <inheritdoc cref="FilterView.Handle"/>
    public uint Handle { get; init; }

    public TcHandle Parent { get; init; }

    public ushort Priority { get; init; }

    public string Kind { get; init; } = "";

    /// <inheritdoc cref="FilterView.ReadRedirect"/>
    public IfIndex? RedirectTo { get; init; }
}
