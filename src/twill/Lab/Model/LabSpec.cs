using Twill.Cli;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Lab.Model;

/// <summary>What was asked for: all that the lab's network is computed from. The kernel keeps it, in the marks of the namespaces.</summary>
internal sealed partial record LabSpec
{
    /// <summary>In mode auto every third node is on the second LAN.</summary>
    private const int FarEvery = 3;

    internal LabMode Mode { get; init; }

    internal LabSource Source { get; init; }

    /// <summary>Whether each node's network is an agent's work, and not the lab's.</summary>
    internal bool HasAgents => Source != LabSource.None && !Empty;

    internal bool V4 { get; init; } = true;

    internal bool V6 { get; init; }

    /// <summary>Only the machines are made, on their LAN: nodes without a bridge, pods without a cable. The rest is the learner's work.</summary>
    internal bool Empty { get; init; }

    /// <summary>Nodes, and pods on each, that `up` was told to make at least, so that it can go on where it was interrupted. Null: nodes or pods were taken away since.</summary>
    internal (int Nodes, int Pods)? Size { get; init; }

    /// <summary>In the order of their indexes.</summary>
    internal IReadOnlyList<LabNodeSpec> Nodes { get; init; } = [];

    /// <summary>Node by node; on a node in the order of their addresses.</summary>
    internal IReadOnlyList<LabPodSpec> Pods { get; init; } = [];

    internal IEnumerable<LabPodSpec> PodsOf(string node) => Pods.Where(p => p.Node == node);

    /// <summary>The same nodes as every other part of Twill knows them.</summary>
    internal Cluster Cluster => LabAddresses.Cluster(Nodes.Select(n => n.Index), V6, V4, IsFar) with { Backend = LabWords.Of(Mode) };

    /// <summary>The same node as every other part of Twill knows it.</summary>
    internal ClusterNode NodeOf(int index) => LabAddresses.Node(index, V6, V4, IsFar(index));

    /// <summary>Whether a node is on the second LAN.</summary>
    internal bool IsFar(int index) => Mode == LabMode.Auto && index % FarEvery == 0;

    /// <summary>Those of the two that this lab has.</summary>
    internal IpPrefix[] Families(IpPrefix v4, IpPrefix v6) => V4 ? V6 ? [v4, v6] : [v4] : V6 ? [v6] : [];

    /// <summary>"IPv4", "IPv6" or "IPv4 and IPv6".</summary>
    internal string FamilyText => V4 ? V6 ? "IPv4 and IPv6" : "IPv4" : "IPv6";

    /// <exception cref="LabException">It cannot be.</exception>
    internal void Check()
    {
        if (Mode is not (LabMode.Vxlan or LabMode.Auto)) return;
        if (Empty) throw new LabException(ExitCode.Usage, $"mode {LabWords.Of(Mode)} is the agents' work, and an empty lab has none: take --mode direct or router");
        if (Source == LabSource.None) throw new LabException(ExitCode.Usage, $"mode {LabWords.Of(Mode)} needs agents: --source file or etcd");
    }

    /// <summary>In the order that the properties promise.</summary>
    private LabSpec Sorted()
    {
        LabNodeSpec[] nodes = [.. Nodes.OrderBy(n => n.Index)];
        ILookup<string, LabPodSpec> pods = Pods.ToLookup(p => p.Node, StringComparer.Ordinal);
        return this with { Nodes = nodes, Pods = [.. nodes.SelectMany(n => pods[n.Name].OrderBy(p => p.Number))] };
    }
}
