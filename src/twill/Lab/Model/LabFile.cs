using Twill.Cli;
using Twill.Kube.Yaml;
using Twill.Lab.Container;

namespace Twill.Lab.Model;

/// <summary>A lab written down, YAML or JSON: what it says shall be, and nothing else.</summary>
/// <remarks>Pods that stay on their node keep their names and addresses, so that applying it again with a change changes only that.</remarks>
internal static class LabFile
{
    /// <exception cref="LabException">The file cannot be read, or something in it makes no sense: line, path, what was expected.</exception>
    internal static LabSpec Read(string path, LabSpec present)
    {
        byte[] text;
        try
        {
            text = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LabException(e is FileNotFoundException or DirectoryNotFoundException ? ExitCode.NotFound : ExitCode.Problem, $"cannot read {path}: {e.Message}");
        }

        return Parse(text, path, present);
    }

    internal static LabSpec Parse(ReadOnlySpan<byte> text, string path, LabSpec present)
    {
        try
        {
            return Parse(YamlReader.Read(text, path), present);
        }
        catch (YamlException e)
        {
            throw new LabException(ExitCode.Usage, e.Message);
        }
    }

    private static LabSpec Parse(YamlNode file, LabSpec present)
    {
        Known(file, "mode", "source", "families", "nodes", "pods", "services");
        (bool v4, bool v6) = file.Find("families") is { } families ? Word(families, ("ipv4", (true, false)), ("ipv6", (false, true)), ("dual", (true, true))) : (true, false);
        var shape = present with
        {
            Mode = file.Find("mode") is { } mode ? Word(mode, [.. Enum.GetValues<LabMode>().Select(m => (LabWords.Of(m), m))]) : LabMode.Direct,
            Source = file.Find("source") is { } source ? Word(source, [.. Enum.GetValues<LabSource>().Select(s => (LabWords.Of(s), s))]) : LabSource.None,
            V4 = v4,
            V6 = v6,
            Empty = false,
        };
        shape.Check();
        int each = file.Find("pods")?.Int32(0, LabAddresses.MaxPodsPerNode) ?? UpRequest.DefaultPods;
        List<FileNode> nodes = Nodes(file.Need("nodes"), each);
        return WithServices(shape.WithExactly([.. nodes.Select(n => n.Index)], Pods(nodes, present)), file.Find("services"));
    }

    /// <summary>Those that stay keep their addresses.</summary>
    private static LabSpec WithServices(LabSpec spec, YamlNode? services)
    {
        IReadOnlyList<YamlNode> items = services?.Items() ?? [];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (YamlNode item in items)
        {
            Known(item, "name", "pods", "port", "target", "nodePort", "loadBalancer");
            if (!names.Add(item.Need("name").String())) throw item.Need("name").Invalid("a second service of this name");
        }

        spec = spec with { Services = [.. spec.Services.Where(s => names.Contains(s.Name))] };
        foreach (YamlNode item in items)
        {
            ushort port = (ushort)(item.Find("port")?.Int32(1, ushort.MaxValue) ?? ContainerProcess.Port);
            try
            {
                spec = spec.WithService(
                    item.Need("name").String(),
                    [.. item.Need("pods").Items().Select(p => p.String())],
                    port,
                    (ushort)(item.Find("target")?.Int32(1, ushort.MaxValue) ?? port),
                    (ushort?)item.Find("nodePort")?.Int32(LabSpec.FirstNodePort, LabSpec.LastNodePort),
                    item.Find("loadBalancer")?.Bool() ?? false);
            }
            catch (LabException e)
            {
                throw item.Need("name").Invalid(e.Message);
            }
        }

        return spec;
    }

    private static List<FileNode> Nodes(YamlNode nodes, int each)
    {
        if (nodes.Kind == YamlKind.Scalar)
        {
            int count = nodes.Int32(1, LabAddresses.MaxNodes);
            return [.. Enumerable.Range(1, count).Select(i => new FileNode(i, nodes, each, []))];
        }

        var list = new List<FileNode>();
        var indexes = new HashSet<int>();
        IReadOnlyList<YamlNode> items = nodes.Items();
        if (items.Count == 0) throw nodes.Invalid("expected at least one node");
        foreach (YamlNode item in items)
        {
            if (Index(item) is { } index && !indexes.Add(index)) throw item.Invalid($"a second {LabNames.Node(index)}");
        }

        int next = 1;
        foreach (YamlNode item in items)
        {
            int? index = Index(item);
            if (index is null)
            {
                while (!indexes.Add(next)) next++;
                index = next;
            }

            YamlNode? pods = item.Kind == YamlKind.Map ? item.Find("pods") : null;
            if (pods is null) list.Add(new FileNode(index.Value, item, each, []));
            else if (pods.Kind == YamlKind.Scalar) list.Add(new FileNode(index.Value, item, pods.Int32(0, LabAddresses.MaxPodsPerNode), []));
            else list.Add(new FileNode(index.Value, item, 0, [.. pods.Items().Select(Pod)]));
        }

        return list;
    }

    /// <summary>From "name: node3", "index: 3", or the bare "node3".</summary>
    private static int? Index(YamlNode item)
    {
        if (item.Kind == YamlKind.Scalar) return Named(item);
        Known(item, "name", "index", "pods");
        int? named = item.Find("name") is { } name ? Named(name) : null;
        if (item.Find("index") is not { } index) return named;
        int number = index.Int32(1, LabAddresses.MaxNodes);
        return named is { } other && other != number ? throw index.Invalid($"the name says {other}") : number;
    }

    private static int Named(YamlNode name)
        => LabNames.IndexOf(name.String()) is { } index and <= LabAddresses.MaxNodes
            ? index
            : throw name.Invalid($"expected node1 to node{LabAddresses.MaxNodes}: a node's addresses follow from its number");

    private static FilePod Pod(YamlNode item)
    {
        YamlNode name = item;
        string[] containers = [];
        if (item.Kind == YamlKind.Map)
        {
            Known(item, "name", "containers");
            name = item.Need("name");
            containers = [.. item.Find("containers")?.Items().Select(c => LabNames.WhyNot(c.String()) is { } no ? throw c.Invalid(no) : c.String()) ?? []];
        }

        return LabNames.WhyNot(name.String()) is { } why ? throw name.Invalid(why) : new FilePod(name.String(), containers, name);
    }

    private static List<LabPodSpec> Pods(List<FileNode> nodes, LabSpec present)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (FilePod pod in nodes.SelectMany(n => n.Pods))
        {
            if (!taken.Add(pod.Name)) throw pod.Place.Invalid("a second pod of this name");
            LabNames.CheckContainers(pod.Name, pod.Containers);
        }

        var pods = new List<LabPodSpec>();
        int next = 0;
        foreach (FileNode node in nodes)
        {
            pods.AddRange(node.Pods.Select(p => new LabPodSpec(p.Name, LabNames.Node(node.Index)) { Containers = p.Containers }));

            // A number of pods: first those that are there, then new names.
            int count = node.Count;
            foreach (LabPodSpec there in present.PodsOf(LabNames.Node(node.Index)).Where(p => !taken.Contains(p.Name)).Take(count).ToArray())
            {
                taken.Add(there.Name);
                pods.Add(there);
                count--;
            }

            for (; count > 0; count--)
            {
                while (taken.Contains(LabNames.Pod(next)) || present.Pods.Any(p => p.Name == LabNames.Pod(next))) next++;
                taken.Add(LabNames.Pod(next));
                pods.Add(new LabPodSpec(LabNames.Pod(next), LabNames.Node(node.Index)));
            }
        }

        return pods;
    }

    private static T Word<T>(YamlNode node, params (string Word, T Value)[] words)
    {
        foreach ((string word, T value) in words)
        {
            if (node.String() == word) return value;
        }

        string guess = Typo.Nearest(node.String(), words.Select(w => w.Word)) is { } near ? $"; did you mean {near}?" : "";
        throw node.Invalid($"expected {string.Join(" or ", words.Select(w => w.Word))}{guess}");
    }

    /// <summary>A misspelt key would be a wish silently lost.</summary>
    private static void Known(YamlNode map, params string[] keys)
    {
        foreach ((string key, YamlNode value) in map.Entries())
        {
            if (keys.Contains(key, StringComparer.Ordinal)) continue;
            throw value.Invalid($"unknown key{(Typo.Nearest(key, keys) is { } near ? $"; did you mean {near}?" : $"; known here: {string.Join(", ", keys)}")}");
        }
    }

    /// <param name="Count">Pods without names of their own.</param>
    private sealed record FileNode(int Index, YamlNode Place, int Count, IReadOnlyList<FilePod> Pods);

    private sealed record FilePod(string Name, IReadOnlyList<string> Containers, YamlNode Place);
}
