using Twill.Cli;

namespace Twill.Lab.Model;

/// <summary>Changes: each is a new specification, and leaves alone what it does not name.</summary>
internal sealed partial record LabSpec
{
    private const int FirstNumber = 2;

    /// <summary>At least so many nodes, and on each of those at least so many pods: what exists stays, what is missing gets a free name and a free address.</summary>
    /// <param name="nodes">The first so many; 0: those there are.</param>
    /// <param name="podsPerNode">On each of those.</param>
    internal LabSpec Grown(int nodes, int podsPerNode)
    {
        var indexes = new SortedSet<int>(Nodes.Select(n => n.Index));
        int[] grow = nodes == 0 ? [.. indexes] : [.. Enumerable.Range(1, nodes)];
        indexes.UnionWith(grow);
        var places = new Places(Pods);
        var missing = new List<string>();
        foreach (int i in grow)
        {
            string node = LabNames.Node(i);
            int have = Pods.Count(p => p.Node == node);
            for (int j = 0; j < podsPerNode && have < podsPerNode; j++)
            {
                // A new lab gives every pod the name and the address of its place, whatever was finished of it.
                string name = LabNames.Pod(((i - 1) * podsPerNode) + j);
                if (!places.TryAdd(name, node, j + FirstNumber)) continue;
                have++;
            }

            for (; have < podsPerNode; have++) missing.Add(node);
        }

        foreach (string node in missing) places.Add(node);
        return (this with { Nodes = [.. indexes.Select(i => new LabNodeSpec(i))], Pods = places.Pods, Size = nodes == 0 ? Size : (nodes, podsPerNode) }).Sorted();
    }

    /// <summary>These nodes and pods and no others. A pod that stays on its node keeps its address.</summary>
    internal LabSpec WithExactly(IReadOnlyList<int> nodes, IReadOnlyList<LabPodSpec> pods)
    {
        Dictionary<string, LabPodSpec> present = Pods.ToDictionary(p => p.Name, StringComparer.Ordinal);
        bool Stays(LabPodSpec pod) => present.TryGetValue(pod.Name, out LabPodSpec? there) && there.Node == pod.Node;
        var places = new Places([.. pods.Where(Stays).Select(p => p with { Number = present[p.Name].Number })]);
        foreach (LabPodSpec pod in pods.Where(p => !Stays(p))) places.Add(pod.Node, pod.Name, pod.Containers);
        return (this with { Nodes = [.. nodes.Select(i => new LabNodeSpec(i))], Pods = places.Pods, Size = null }).Sorted().WithServicesOfPods();
    }

    /// <summary>One node more, with as many pods as asked for.</summary>
    /// <param name="index">Null: the first free one.</param>
    /// <param name="pods">How many pods it gets.</param>
    internal LabSpec WithNode(int? index, int pods)
    {
        int free = 1;
        while (Nodes.Any(n => n.Index == free)) free++;
        int wanted = index ?? free;
        if (wanted > LabAddresses.MaxNodes) throw new LabException($"the lab has {Nodes.Count} nodes, and {LabAddresses.MaxNodes} are the most: `twill lab remove-node` makes room");
        var node = new LabNodeSpec(wanted);
        if (Nodes.Contains(node)) throw new LabException($"the lab has {node.Name} already; without a number `twill lab add-node` takes the next free one");
        var places = new Places(Pods);
        for (int i = 0; i < pods; i++) places.Add(node.Name);
        return (this with { Nodes = [.. Nodes, node], Pods = places.Pods }).Sorted();
    }

    internal LabSpec WithoutNode(string name)
    {
        RequireNode(name);
        if (Nodes.Count == 1) throw new LabException($"{name} is the lab's last node; `twill lab down` removes the whole lab");
        return (this with { Nodes = [.. Nodes.Where(n => n.Name != name)], Pods = [.. Pods.Where(p => p.Node != name)], Size = null }).WithServicesOfPods();
    }

    /// <param name="name">Of the new pod.</param>
    /// <param name="node">Where; null: on the node with the fewest pods.</param>
    /// <param name="containers">Processes in it.</param>
    internal LabSpec WithPod(string name, string? node, IReadOnlyList<string> containers)
    {
        LabNames.Check("pod", name);
        LabNames.CheckContainers(name, containers);
        if (Pods.FirstOrDefault(p => p.Name == name) is { } other) throw new LabException($"the lab has a pod {name} already, on {other.Node}; choose another name, or `twill lab remove-pod {name}`");
        if (node is not null) RequireNode(node);
        node ??= Nodes.OrderBy(n => Pods.Count(p => p.Node == n.Name)).ThenBy(n => n.Index).First().Name;
        var places = new Places(Pods);
        places.Add(node, name, containers);
        return (this with { Pods = places.Pods }).Sorted();
    }

    internal LabSpec WithoutPod(string name)
    {
        RequirePod(name);
        return (this with { Pods = [.. Pods.Where(p => p.Name != name)], Size = null }).WithServicesOfPods();
    }

    private void RequirePod(string name)
    {
        if (Pods.All(p => p.Name != name)) throw new LabException(ExitCode.NotFound, $"the lab has no pod {name}{(Typo.Nearest(name, Pods.Select(p => p.Name)) is { } near ? $"; did you mean {near}?" : "")}");
    }

    private void RequireNode(string name)
    {
        if (Nodes.Any(n => n.Name == name)) return;
        throw new LabException(ExitCode.NotFound, $"the lab has no node {name}{(Typo.Nearest(name, Nodes.Select(n => n.Name)) is { } near ? $"; did you mean {near}?" : "")}");
    }

    /// <summary>Names and numbers that are taken, and the next that are free.</summary>
    private sealed class Places
    {
        private readonly List<LabPodSpec> _pods;
        private readonly HashSet<string> _names;
        private readonly HashSet<string> _numbers;
        private int _next;

        internal Places(IReadOnlyList<LabPodSpec> pods)
        {
            _pods = [.. pods];
            _names = [.. pods.Select(p => p.Name)];
            _numbers = [.. pods.Select(p => Place(p.Node, p.Number))];
        }

        internal IReadOnlyList<LabPodSpec> Pods => _pods;

        /// <returns>False: the name is taken.</returns>
        internal bool TryAdd(string name, string node, int number)
        {
            if (!_names.Add(name)) return false;
            if (!_numbers.Add(Place(node, number))) number = FreeNumber(node);
            _pods.Add(new LabPodSpec(name, node) { Number = number });
            return true;
        }

        /// <param name="node">Where it goes.</param>
        /// <param name="name">Null: the next colour.</param>
        /// <param name="containers">Processes in it.</param>
        internal void Add(string node, string? name = null, IReadOnlyList<string>? containers = null)
        {
            if (name is null)
            {
                while (!_names.Add(LabNames.Pod(_next))) _next++;
                name = LabNames.Pod(_next);
            }

            _pods.Add(new LabPodSpec(name, node) { Number = FreeNumber(node), Containers = containers ?? [] });
        }

        private static string Place(string node, int number) => $"{node} {number}";

        private int FreeNumber(string node)
        {
            for (int number = FirstNumber; number < FirstNumber + LabAddresses.MaxPodsPerNode; number++)
            {
                if (_numbers.Add(Place(node, number))) return number;
            }

            throw new LabException($"{node} has {LabAddresses.MaxPodsPerNode} pods, and more do not fit into its block: remove one, or add a node");
        }
    }
}
