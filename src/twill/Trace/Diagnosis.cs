using Twill.Lab;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Trace;

/// <summary>From where a packet is lost to what is wrong: a router without a route may be somebody else's missing one.</summary>
/// <param name="actual">The network as it is.</param>
/// <param name="goal">The network that was asked for.</param>
/// <param name="rules">The nft lines that make a node's masquerading.</param>
internal sealed class Diagnosis(LabState actual, LabState goal, Func<string, IEnumerable<NftRule>> rules)
{
    private readonly StateRoutes _planned = new();

    internal Cause? Of(Prediction prediction)
    {
        if (prediction.Cause is not { } cause) return null;
        Journey lost = prediction.There.Cause is not null ? prediction.There : prediction.Back!;
        if (cause.Kind is CauseKind.NoRoute && Unmasqueraded(prediction) is { } masquerade) return masquerade;

        // What a wrong way may end in. A broken thing on the way is the cause itself.
        bool consequence = cause.Kind is CauseKind.NoRoute or CauseKind.BadRoute or CauseKind.Loop or CauseKind.NoNeighbour or CauseKind.WrongGateway or CauseKind.NoSuchAddress or CauseKind.NoAddress or CauseKind.NotForwarding;
        return consequence ? lost.Turns.Select(Deviation).FirstOrDefault(c => c is not null) ?? Owner(lost) ?? cause : cause;
    }

    /// <summary>What is wrong with a node or pod itself, where it has no address at all.</summary>
    internal Cause OfMissingAddress(NamespaceState space, bool v6)
    {
        NamespaceState? planned = goal.Find(space.Name);
        foreach (AddressState address in (planned?.Addresses ?? []).Where(a => a.Address.IsV6 == v6 && a.Device != "lo"))
        {
            if (space.Link(address.Device) is null) return new Cause(CauseKind.NoCable, space.Name, $"{space.Name} has no interface {address.Device}: it is not attached to the network");
            return NoAddress(space, address);
        }

        return new Cause(CauseKind.NoAddress, space.Name, $"{space.Name} has no IPv{(v6 ? 6 : 4)} address");
    }

    /// <summary>What is wrong with the one who should have the address that nobody answers for.</summary>
    private Cause? Owner(Journey lost)
    {
        if (lost.Turns.Count == 0 || lost.Turns[^1] is not { Decision: { Error: Errno.None } } last) return null;
        IpAddress address = last.Decision.Gateway ?? last.Destination;
        if (goal.Namespaces.FirstOrDefault(n => n.Has(address)) is not { } planned || actual.Find(planned.Name) is not { } space || space.Has(address)) return null;
        AddressState own = planned.Addresses.First(a => a.Address.Address == address);
        return space.Link(own.Device) is null ? new Cause(CauseKind.NoCable, space.Name, $"{space.Name} has no interface {own.Device}") : NoAddress(space, own);
    }

    /// <summary>Whether a decision is another one than planned, and why.</summary>
    private Cause? Deviation(Turn turn)
    {
        if (goal.Find(turn.Space.Name) is not { } planned) return null;
        RouteDecision wanted = _planned.Lookup(planned, turn.Destination, null, null), taken = turn.Decision;
        if (wanted.Error != Errno.None || wanted.Device is not { } device) return null;
        bool same = taken.Error == Errno.None && (wanted.Type == RouteType.Local) == (taken.Type == RouteType.Local) && wanted.Gateway == taken.Gateway && (wanted.Device == taken.Device || wanted.Type == RouteType.Local);
        if (same) return null;
        NamespaceState space = turn.Space;
        if (wanted.Type == RouteType.Local) return planned.Addresses.FirstOrDefault(a => a.Address.Address == turn.Destination) is { } own ? NoAddress(space, own) : null;
        if (space.Link(device) is not { } link) return new Cause(CauseKind.NoCable, space.Name, $"{space.Name} has no interface {device}");
        if (!link.Up) return Walk.IsDown(space, link);
        IpAddress reach = wanted.Gateway ?? turn.Destination;
        AddressState? near = planned.Addresses.FirstOrDefault(a => a.Device == device && a.Address.Contains(reach));
        if (near is not null && !space.Has(near.Address.Address)) return NoAddress(space, near);
        string prefix = wanted.Prefix is { Length: > 0 } p ? p.ToString() : "default", words = wanted.Prefix is { Length: > 0 } ? $"to {prefix}" : "for the rest of the world (default)";
        bool another = taken.Error == Errno.None && taken.Prefix == wanted.Prefix;
        string sentence = another
            ? $"{space.Name}'s route {words} goes {Way(taken)} instead of {Way(wanted)}"
            : taken.Error == Errno.None && taken.Prefix is { } entry ? $"{space.Name} has no route {words}, so what goes there takes {(entry.Length == 0 ? "default" : entry)} {Way(taken)}"
            : taken.Type is RouteType.Unreachable or RouteType.Blackhole or RouteType.Prohibit ? $"{space.Name} has the route \"{taken.Type.ToString().ToLowerInvariant()} {taken.Prefix}\" in the way"
            : $"{space.Name} has no route {words}";
        string via = wanted.Gateway is { } gateway ? $" via {gateway}" : "";
        return new Cause(another ? CauseKind.WrongGateway : taken.Type is RouteType.Unicast or RouteType.Local ? CauseKind.NoRoute : CauseKind.BadRoute, space.Name, sentence)
        {
            Fix = [$"ip -n {space.Name} route {(another || taken.Type != RouteType.Unicast ? "replace" : "add")} {prefix}{via} dev {device}{(wanted.Protocol.Value is 0 or 3 ? "" : $" proto {wanted.Protocol.Value}")}"],
        };
    }

    /// <summary>A pod's own address outside the cluster: nobody knows the way back.</summary>
    private Cause? Unmasqueraded(Prediction prediction)
    {
        if (prediction.There.Arrived is not { Kind: LabKind.Internet or LabKind.Router } || prediction.From.Space is not { Kind: LabKind.Pod } pod || prediction.There.Packet.Source != prediction.Sent.Source) return null;
        if (goal.Find(pod.Node) is not { } planned || prediction.There.Turns.FirstOrDefault(t => t.Space.Name == pod.Node)?.Space is not { } node) return null;
        NftRule[] missing = [.. rules(pod.Node).Where(r => planned.Rules.Any(p => p.Comment == r.Comment) && !node.Rules.Any(n => n.Comment == r.Comment && n.Chain.Name == r.Chain.Name))];
        if (missing.Length == 0) return null;
        string run = $"ip netns exec {pod.Node} nft";
        return new Cause(CauseKind.NotMasqueraded, pod.Node, $"{pod.Node} does not masquerade: {prediction.To.Word} sees {pod.Name} as {prediction.Sent.Source}, and has no way back to a pod's address")
        {
            Fix = [$"{run} {NftText.Line(missing[0].Chain.Table)}", $"{run} '{NftText.Line(missing[0].Chain)}'", .. missing.Select(r => $"{run} '{NftText.Line(r)}'")],
        };
    }

    private static Cause NoAddress(NamespaceState space, AddressState address) => new(CauseKind.NoAddress, space.Name, $"{space.Name}'s {address.Device} does not have its address {address.Address}")
    {
        Fix = [$"ip -n {space.Name} addr add {address.Address} dev {address.Device}"],
    };

    private static string Way(RouteDecision decision) => decision.Gateway is { } gateway ? $"via {gateway}" : $"out of {decision.Device}";
}
