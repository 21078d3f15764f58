using Twill.Fabric.Plan;
using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Lab.Steps;

/// <param name="Route">As it should be.</param>
/// <param name="Whose">What is there: "the pods of node2"; empty: the destination says it.</param>
internal sealed record AddRoute(string Namespace, string Group, RouteState Route, string Whose) : LabStep(Namespace, Group)
{
    internal override string Missing => Route.Destination.Length == 0
        ? $"{Namespace} has no default route{(Route.Destination.IsV6 ? " for IPv6" : "")}"
        : $"{Namespace} has no route to {Route.Destination}{(Whose.Length > 0 ? $", {Whose}" : "")}";

    internal override IReadOnlyList<string> Lines => [RouteWords.Line(Namespace, "add", Route)];
}

/// <param name="Actual">As it is.</param>
internal sealed record ReplaceRoute(string Namespace, string Group, RouteState Route, RouteState Actual, string Whose) : LabStep(Namespace, Group)
{
    internal override string Missing
    {
        get
        {
            string destination = Route.Destination.Length == 0 ? "everything without a route of its own" : $"{Route.Destination}{(Whose.Length > 0 ? $", {Whose}," : "")}";
            string wrong = Actual.Type == RouteType.Unicast ? $"{(Actual.Via is { } via ? $"via {via} " : "straight ")}by {Actual.Device}" : $"nowhere ({Actual.Type.ToString().ToLowerInvariant()})";
            return $"{Namespace} sends {destination} {wrong} instead of via {Route.Via} by {Route.Device}";
        }
    }

    internal override IReadOnlyList<string> Lines => [RouteWords.Line(Namespace, "replace", Route)];
}

internal sealed record RemoveRoute(string Namespace, string Group, RouteState Route) : LabStep(Namespace, Group)
{
    internal override string Missing => $"{Namespace} still has a route of the lab that it should not have: {Route}";

    internal override IReadOnlyList<string> Lines => [RouteWords.Line(Namespace, "del", Route)];

    internal override bool Removes => true;
}

/// <param name="Entry">As it is.</param>
/// <param name="Mac">Who really has the address.</param>
internal sealed record RemoveNeighbour(string Namespace, string Group, NeighbourEntry Entry, MacAddress Mac) : LabStep(Namespace, Group)
{
    internal override string Missing => $"{Namespace} believes that {Entry.Address} is at {Entry.Mac}{((Entry.State & NeighbourState.Permanent) != 0 ? ", for good" : "")}; it is at {Mac}";

    internal override IReadOnlyList<string> Lines => [$"{Ip} neigh del {Entry.Address} dev {Entry.Device}"];

    internal override bool Removes => true;
}

internal static class RouteWords
{
    internal static string Line(string network, string verb, RouteState route)
    {
        string family = route.Destination is { IsV6: true, Length: 0 } ? " -6" : "";
        string protocol = route.Protocol == ClusterPlan.TwillRouteProtocol ? $" proto {route.Protocol}" : "";
        return $"ip -n {network}{family} route {verb} {route}{protocol}";
    }
}
