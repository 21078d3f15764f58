using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

/// <summary>A pod's route in the kernel's words.</summary>
internal static class PodRoutes
{
    internal static RouteSpec ToSpec(PodRoute route, IfIndex dev) => new()
    {
        Destination = route.Destination,
        Gateway = route.Gateway,
        Dev = dev,
        Mtu = route.Mtu is { } mtu ? new Mtu(mtu) : null,
        AdvMss = route.AdvMss,
        Priority = route.Priority,
        Table = route.Table is { } table ? new RouteTable(table) : null,
        Scope = route.Scope is { } scope ? (RouteScope)scope : null,
    };

    /// <summary>Whether a route that is there does what the expected one says; what that leaves open may be anything.</summary>
    internal static bool Matches(Route there, PodRoute expected)
        => there.Destination == expected.Destination && there.Destination.IsV6 == expected.Destination.IsV6
            && (expected.Gateway is null || there.Gateway == expected.Gateway)
            && (expected.Priority is null || there.Priority == expected.Priority)
            && (expected.Table is not { } table || there.Table.Value == table);
}
