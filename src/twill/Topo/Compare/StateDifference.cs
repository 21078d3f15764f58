using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;

namespace Twill.Topo.Compare;

/// <summary>What changed between two states of a network: a pure function.</summary>
/// <remarks>
/// Left out is what changes by itself: interface numbers, neighbours, learned forwarding entries, counters. What came or went with
/// a whole namespace is that namespace's, and so is the other end of its cable.
/// </remarks>
internal static class StateDifference
{
    internal static IReadOnlyList<StateChange> Between(LabState was, LabState now)
    {
        var changes = new List<StateChange>();
        Spec(changes, was.Spec, now.Spec);
        Dictionary<string, NamespaceState> before = was.Namespaces.ToDictionary(n => n.Name), after = now.Namespaces.ToDictionary(n => n.Name);
        foreach (NamespaceState network in was.Namespaces)
        {
            if (after.TryGetValue(network.Name, out NamespaceState? same) && IsSame(network, same)) Namespace(changes, network, same, before, after);
            else changes.Add(new StateChange(Word(network), network.Name, network.Node, "", null));
        }

        foreach (NamespaceState network in now.Namespaces)
        {
            if (!before.TryGetValue(network.Name, out NamespaceState? same) || !IsSame(same, network)) changes.Add(new StateChange(Word(network), network.Name, network.Node, null, ""));
        }

        return changes;
    }

    /// <summary>A pod of the same name on another node is another pod.</summary>
    private static bool IsSame(NamespaceState a, NamespaceState b) => a.Kind == b.Kind && a.Node == b.Node;

    private static string Word(NamespaceState network) => network.Kind.ToString().ToLowerInvariant();

    private static void Spec(List<StateChange> changes, LabSpec was, LabSpec now)
    {
        if (was.Mode != now.Mode) changes.Add(new StateChange("mode of", "the lab", "", was.Mode.ToString().ToLowerInvariant(), now.Mode.ToString().ToLowerInvariant()));
        if ((was.V4, was.V6) != (now.V4, now.V6)) changes.Add(new StateChange("families of", "the lab", "", Families(was), Families(now)));
        var containers = new Dictionary<string, string>();
        foreach (LabPodSpec pod in was.Pods) containers[$"{pod.Name} {pod.Node}"] = Names(pod);
        foreach (LabPodSpec pod in now.Pods)
        {
            if (containers.TryGetValue($"{pod.Name} {pod.Node}", out string? before) && before != Names(pod)) changes.Add(new StateChange("containers of", pod.Name, "", before, Names(pod)));
        }
    }

    private static string Families(LabSpec spec) => spec.V4 ? spec.V6 ? "IPv4 and IPv6" : "IPv4" : "IPv6";

    private static string Names(LabPodSpec pod) => pod.Containers.Count == 0 ? "none" : string.Join(", ", pod.Containers);

    private static void Namespace(List<StateChange> changes, NamespaceState was, NamespaceState now, Dictionary<string, NamespaceState> before, Dictionary<string, NamespaceState> after)
    {
        string name = was.Name;
        Dictionary<string, LinkState> links = now.Links.ToDictionary(l => l.Name), old = was.Links.ToDictionary(l => l.Name);
        foreach (LinkState link in was.Links)
        {
            if (links.TryGetValue(link.Name, out LinkState? same)) Link(changes, name, link, same);
            else if (!Gone(link, after)) changes.Add(new StateChange("interface", link.Name, name, link.Kind, null));
        }

        foreach (LinkState link in now.Links)
        {
            if (!old.ContainsKey(link.Name) && !Gone(link, before)) changes.Add(new StateChange("interface", link.Name, name, null, link.Kind));
        }

        Listed(changes, "address", name, was.Addresses.Select(a => $"{a.Address} dev {a.Device}"), now.Addresses.Select(a => $"{a.Address} dev {a.Device}"));
        Listed(changes, "route", name, was.Routes.Select(r => r.ToString()), now.Routes.Select(r => r.ToString()));
        Keyed(changes, "sysctl", name, was.Sysctls, now.Sysctls);
        Listed(changes, "chain", name, was.Chains.Select(Text), now.Chains.Select(Text));
        Listed(changes, "rule", name, was.Rules.Select(Text), now.Rules.Select(Text));
    }

    /// <summary>Whether the far end of a cable is in a namespace that the other state does not have.</summary>
    private static bool Gone(LinkState link, Dictionary<string, NamespaceState> there) => link.PeerNamespace is { } far && !there.ContainsKey(far);

    private static void Link(List<StateChange> changes, string name, LinkState was, LinkState now)
    {
        void Compare(string what, string before, string after)
        {
            if (before != after) changes.Add(new StateChange(what, was.Name, name, before, after));
        }

        Compare("state of", was.Up ? "up" : "down", now.Up ? "up" : "down");
        if (was.Up && now.Up) Compare("carrier of", was.Carrier ? "yes" : "no", now.Carrier ? "yes" : "no");
        Compare("mtu of", $"{was.Mtu}", $"{now.Mtu}");
        Compare("mac of", $"{was.Mac}", $"{now.Mac}");
        Compare("bridge of", was.Master ?? "none", now.Master ?? "none");
        Compare("other end of", End(was), End(now));
        if (was.Port is { } before && now.Port is { } after && (before with { State = after.State }) != after) Compare("port switches of", Switches(before), Switches(after));
    }

    private static string Switches(BridgePort port)
    {
        string on = string.Join(" ", LabStateJson.Switches(port));
        return on.Length == 0 ? "none" : on;
    }

    private static string End(LinkState link) => link.Peer is null ? "none" : $"{link.Peer} in {link.PeerNamespace}";

    private static string Text(NftChain chain) => $"{chain}{(chain.Hook is { } hook ? $" {hook.ToText(chain.Table.Family)}" : "")}{(chain.Policy is { } policy ? $" policy {policy}" : "")}";

    /// <summary>Without counts, which every packet changes.</summary>
    private static string Text(NftRuleInfo rule) => $"{rule.Chain} {rule.Comment ?? string.Join("; ", rule.Expressions.Where(e => e is not NftCounter))}";

    /// <summary>Things without a name: the same, or another. Twice is twice.</summary>
    private static void Listed(List<StateChange> changes, string kind, string name, IEnumerable<string> was, IEnumerable<string> now)
    {
        List<string> left = [.. now];
        foreach (string item in was)
        {
            if (!left.Remove(item)) changes.Add(new StateChange(kind, item, name, "", null));
        }

        foreach (string item in left) changes.Add(new StateChange(kind, item, name, null, ""));
    }

    private static void Keyed(List<StateChange> changes, string kind, string name, IReadOnlyDictionary<string, string> was, IReadOnlyDictionary<string, string> now)
    {
        foreach ((string key, string value) in was)
        {
            if (!now.TryGetValue(key, out string? other)) changes.Add(new StateChange(kind, key, name, value, null));
            else if (other != value) changes.Add(new StateChange(kind, key, name, value, other));
        }

        foreach ((string key, string value) in now)
        {
            if (!was.ContainsKey(key)) changes.Add(new StateChange(kind, key, name, null, value));
        }
    }
}
