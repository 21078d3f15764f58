using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Trace;

/// <summary>Who answers a route look-up: the kernel, or for tests and saved states the tables that were read.</summary>
internal interface IRoutes
{
    /// <param name="inputDevice">Where the packet came in; null: the namespace itself sends it.</param>
    /// <param name="source">Null: not chosen yet.</param>
    RouteDecision Lookup(NamespaceState space, IpAddress destination, IpAddress? source, string? inputDevice);
}
