namespace Twill.Lab;

/// <summary>Which namespaces a lab of a size has, given those there are: what exists stays, what is missing gets a free name.</summary>
internal sealed record LabBlueprint(IReadOnlyList<int> Nodes, IReadOnlyList<LabMark> Pods)
{
    internal IEnumerable<LabMark> PodsOf(string node) => Pods.Where(p => p.Node == node);

    internal static LabBlueprint For(LabSize size, IReadOnlyList<LabMark> present)
    {
        var nodes = new SortedSet<int>(present.Where(m => m.Kind == LabKind.Node).Select(m => m.Index));
        for (int i = 1; i <= size.Nodes; i++) nodes.Add(i);
        var pods = new List<LabMark>(present.Where(m => m.Kind == LabKind.Pod));
        var taken = new HashSet<string>(pods.Select(p => p.Name), StringComparer.Ordinal);
        var missing = new List<string>();
        for (int i = 1; i <= size.Nodes; i++)
        {
            string node = LabNames.Node(i);
            int have = pods.Count(p => p.Node == node);
            for (int j = 0; j < size.PodsPerNode && have < size.PodsPerNode; j++)
            {
                // A new lab gives every pod the name of its place, whatever was finished of it.
                string name = LabNames.Pod(((i - 1) * size.PodsPerNode) + j);
                if (!taken.Add(name)) continue;
                pods.Add(new LabMark(LabKind.Pod, name, 0, node));
                have++;
            }

            for (; have < size.PodsPerNode; have++) missing.Add(node);
        }

        int next = 0;
        foreach (string node in missing)
        {
            while (!taken.Add(LabNames.Pod(next))) next++;
            pods.Add(new LabMark(LabKind.Pod, LabNames.Pod(next), 0, node));
        }

        return new LabBlueprint([.. nodes], pods);
    }
}
