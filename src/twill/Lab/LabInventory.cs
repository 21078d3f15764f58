using Twill.Lab.Model;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Lab;

/// <summary>What of the lab there is, as the names in /run/netns and the marks inside tell it.</summary>
internal sealed class LabInventory
{
    private LabInventory(IReadOnlyList<LabMark> marks, IReadOnlyList<string> unfinished, IReadOnlySet<string> foreign)
    {
        Marks = marks;
        Unfinished = unfinished;
        Foreign = foreign;
    }

    /// <summary>In the order of names.</summary>
    internal IReadOnlyList<LabMark> Marks { get; }

    /// <summary>Names of ours without a namespace: a kill left them.</summary>
    internal IReadOnlyList<string> Unfinished { get; }

    /// <summary>Names of somebody else.</summary>
    internal IReadOnlySet<string> Foreign { get; }

    /// <summary>What was asked for, as the marks tell it.</summary>
    internal LabSpec Spec
    {
        get
        {
            // A node that somebody deleted is still asked for by its pods.
            LabNodeSpec[] nodes = [.. Marks.Select(m => m.Kind == LabKind.Node ? m.Index : m.Kind == LabKind.Pod ? LabNames.IndexOf(m.Node) ?? 0 : 0).Where(i => i > 0).Distinct().Order().Select(i => new LabNodeSpec(i))];
            LabMark? router = Marks.FirstOrDefault(m => m.Kind == LabKind.Router);
            return new LabSpec
            {
                Mode = router?.Mode ?? LabMode.Direct,
                Source = router?.Source ?? LabSource.None,
                V4 = router?.V4 ?? true,
                V6 = router?.V6 ?? false,
                Empty = router?.Empty ?? false,
                Size = router?.Size,
                Nodes = nodes,
                Services = router?.Services ?? [],
                Pods = [.. nodes.SelectMany(n => PodsOf(n.Name)).Select(p => new LabPodSpec(p.Name, p.Node) { Number = p.Number, Containers = p.Containers })],
            };
        }
    }

    internal bool IsEmpty => Marks.Count == 0 && Unfinished.Count == 0;

    internal IEnumerable<LabMark> Nodes => Marks.Where(m => m.Kind == LabKind.Node).OrderBy(m => m.Index);

    /// <summary>Pods whose node is gone.</summary>
    internal IEnumerable<LabMark> Orphans => Marks.Where(m => m.Kind == LabKind.Pod && !Has(m.Node));

    /// <summary>In the order of their addresses.</summary>
    internal IEnumerable<LabMark> PodsOf(string node) => Marks.Where(m => m.Kind == LabKind.Pod && m.Node == node).OrderBy(m => m.Number);

    internal bool Has(string name) => Marks.Any(m => m.Name == name);

    /// <remarks>Opens every named namespace and asks for one link: about 60 us each.</remarks>
    internal static LabInventory Read() => Read(NetworkNamespace.ListNamed());

    /// <summary>Only these, where they are there: what a single question needs of a large lab.</summary>
    internal static LabInventory Read(IEnumerable<string> names)
    {
        var marks = new List<LabMark>();
        var unfinished = new List<string>();
        var foreign = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            using NetworkNamespace? network = NetworkNamespace.TryOpen(NetworkNamespace.NamedPath(name), out Errno errno);
            if (network is null)
            {
                if (errno == Errno.ENOENT) continue;
                if (NetworkNamespace.IsUnfinished(name, LabMark.Word)) unfinished.Add(name);
                else foreign.Add(name);
                continue;
            }

            using RouteSocket socket = RouteSocket.Open(network);
            LabMark? mark = socket.TryGetLink(IfIndex.Loopback, out Link? lo) ? LabMark.Parse(name, lo.Alias, lo.AltNames) : null;
            if (mark is null) foreign.Add(name);
            else marks.Add(mark);
        }

        return new LabInventory(marks, unfinished, foreign);
    }
}
