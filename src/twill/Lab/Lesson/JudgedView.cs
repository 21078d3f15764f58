using Twill.Lab.State;

namespace Twill.Lab.Lesson;

/// <summary>A lab that somebody built by hand, as pingall wants it: the addresses are where its builder put them.</summary>
internal static class JudgedView
{
    internal static LabView Of(LabState state) => new(
        [.. state.Nodes.Select(n => new NodeView(n.Name, n.Index, Texts(n, LabAddresses.Uplink), 0, null, [.. state.PodsOf(n.Name).Select(Pod)], []))],
        null,
        state.Internet is { } internet ? new InternetView(internet.Name, [.. Texts(internet, "lo").Where(a => a is not "127.0.0.1/8" and not "::1/128")]) : null);

    private static PodView Pod(NamespaceState pod)
    {
        LinkState? cable = pod.Links.FirstOrDefault(l => l.Kind == "veth" && l.PeerNamespace == pod.Node);
        return new PodView(pod.Name, pod.Node, cable?.Name ?? "", cable?.Peer, cable is null ? [] : Texts(pod, cable.Name), [], null);
    }

    private static string[] Texts(NamespaceState network, string device) => [.. network.AddressesOf(device).Select(a => a.ToString())];
}
