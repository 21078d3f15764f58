using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Lab.Apply;

/// <summary>A route of a lab's state in the kernel's words.</summary>
internal static class LabRoutes
{
    /// <summary>Without a metric, which the kernel chooses for each family.</summary>
    internal static RouteSpec Spec(RouteSocket socket, RouteState route) => new()
    {
        Destination = route.Destination,
        Gateway = route.Via,
        Dev = route.Device is { } device ? socket.GetLink(device).Index : null,
        Protocol = route.Protocol,
    };
}
