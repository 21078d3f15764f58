using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Trace;

/// <summary>What a namespace's routing tables say about one packet.</summary>
/// <param name="Error">None, or why there is no way: ENETUNREACH, EHOSTUNREACH, EXDEV (the source would not be answered this way), ...</param>
internal sealed record RouteDecision(Errno Error)
{
    internal RouteType Type { get; init; } = RouteType.Unicast;

    internal IpAddress? Gateway { get; init; }

    internal string? Device { get; init; }

    /// <summary>The entry that matched, e.g. 10.244.2.0/24; null where none did.</summary>
    internal IpPrefix? Prefix { get; init; }

    /// <summary>The source address that a packet of this host gets.</summary>
    internal IpAddress? Source { get; init; }

    internal int? Mtu { get; init; }

    internal RouteProtocol Protocol { get; init; }

    internal string Text => Prefix is not { } prefix
        ? $"{(Gateway is { } g ? $"via {g} " : "")}dev {Device}"
        : $"{(prefix.Length == 0 ? "default" : prefix)}{(Gateway is { } via ? $" via {via}" : "")} dev {Device}{(Gateway is null && Protocol == RouteProtocol.Kernel ? " (connected)" : Protocol.Value == 77 ? " proto twill" : "")}";
}
