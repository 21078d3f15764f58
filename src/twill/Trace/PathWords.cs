using Twill.Lab;

namespace Twill.Trace;

/// <summary>A way in few words.</summary>
internal static class PathWords
{
    /// <summary>"direct route via node2", "routed by node1, router, node2", "same bridge".</summary>
    internal static string Of(Prediction prediction)
    {
        IReadOnlyList<Turn> turns = prediction.There.Turns;
        if (turns.Count == 0 || prediction.There.Arrived is not { } arrived) return "does not arrive";
        if (turns[0].Decision.Type == Linux.Route.RouteType.Local) return "its own address";
        string[] between = [.. turns.Select(t => t.Space.Name).Distinct().Where(n => n != prediction.From.Space!.Name && n != arrived.Name)];
        if (between.Length == 0) return turns[0].Decision.Gateway is null ? arrived.Kind == LabKind.Pod && prediction.From.Space!.Kind == LabKind.Pod ? "same bridge" : "same link" : "one hop";
        string near = prediction.From.Space!.Kind == LabKind.Pod ? prediction.From.Space.Node : prediction.From.Space.Name;
        string[] nodes = [.. between.Where(n => n != near)];
        return nodes.Length == 0 ? $"through {near}" : nodes is [var one] && one != LabNames.Router ? $"direct route via {one}" : $"routed by {string.Join(", ", nodes)}";
    }

    internal static string Nat(Prediction prediction)
        => prediction.Translations.Any() ? string.Join(", ", prediction.Translations.Select(t => $"{t.Words} at {t.Namespace}")) : "no NAT";

    /// <summary>What the sender's own interface carries, bytes.</summary>
    internal static int FirstMtu(Prediction prediction)
    {
        Turn first = prediction.There.Turns[0];
        return Math.Min(first.Decision.Device is { } device && first.Space.Link(device) is { } link ? link.Mtu : prediction.Sent.Length, ushort.MaxValue);
    }
}
