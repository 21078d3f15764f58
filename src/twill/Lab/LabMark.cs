using Twill.Lab.Model;

namespace Twill.Lab;

/// <summary>What a namespace of the lab says about itself, in the alias of its loopback interface: the lab keeps no other record.</summary>
/// <remarks>Like: ip -n blue link show lo, the line "alias twill-lab pod name=blue node=node1".</remarks>
internal sealed record LabMark(LabKind Kind, string Name, int Index = 0, string Node = "")
{
    /// <summary>First word of every mark, and the content of a name that has no namespace yet.</summary>
    internal const string Word = "twill-lab";

    /// <inheritdoc cref="LabPodSpec.Number"/>
    internal int Number { get; init; }

    /// <summary>Of a pod: the containers in it.</summary>
    internal IReadOnlyList<string> Containers { get; init; } = [];

    /// <inheritdoc cref="LabSpec.Mode"/>
    /// <remarks>This and the following are kept in the router's mark, for the whole lab.</remarks>
    internal LabMode Mode { get; init; }

    /// <inheritdoc cref="LabSpec.Source"/>
    internal LabSource Source { get; init; }

    internal bool V4 { get; init; } = true;

    internal bool V6 { get; init; }

    internal bool Empty { get; init; }

    /// <inheritdoc cref="LabSpec.Size"/>
    internal (int Nodes, int Pods)? Size { get; init; }

    /// <inheritdoc cref="LabSpec.Services"/>
    /// <remarks>Not in <see cref="Text"/> but in <see cref="Names"/>.</remarks>
    internal IReadOnlyList<LabServiceSpec> Services { get; init; } = [];

    /// <summary>What else it says about itself: alternative names of its loopback interface.</summary>
    internal IReadOnlyList<string> Names => LabServiceWords.Of(Services);

    internal static LabMark Router(LabSpec spec) => new(LabKind.Router, LabNames.Router) { Services = spec.Services, Size = spec.Size, Mode = spec.Mode, Source = spec.Source, V4 = spec.V4, V6 = spec.V6, Empty = spec.Empty };

    internal static LabMark Of(LabNodeSpec node) => new(LabKind.Node, node.Name, node.Index);

    internal static LabMark Of(LabPodSpec pod) => new(LabKind.Pod, pod.Name, 0, pod.Node) { Number = pod.Number, Containers = pod.Containers };

    internal string Text => Kind switch
    {
        LabKind.Node => $"{Word} node name={Name} index={Index}",
        LabKind.Pod => $"{Word} pod name={Name} node={Node} number={Number}{(Containers.Count == 0 ? "" : $" containers={string.Join(',', Containers)}")}",
        LabKind.Router => $"{Word} router mode={LabWords.Of(Mode)}{(Source == LabSource.None ? "" : $" source={LabWords.Of(Source)}")} families={(V4 ? V6 ? "4,6" : "4" : "6")}{(Empty ? " empty=yes" : "")}{(Size is { } size ? $" size={size.Nodes}x{size.Pods}" : "")}",
        _ => $"{Word} internet",
    };

    /// <param name="name">Of the namespace.</param>
    /// <param name="alias">Of its loopback interface.</param>
    /// <param name="names">Alternative names of that.</param>
    /// <returns>Null: not one of the lab's.</returns>
    internal static LabMark? Parse(string name, string alias, params IReadOnlyList<string> names)
    {
        string[] words = alias.Split(' ');
        if (words.Length < 2 || words[0] != Word) return null;
        switch (words[1])
        {
            case "router":
                string families = Value(words, "families") ?? "4";
                return new LabMark(LabKind.Router, name)
                {
                    Mode = LabWords.Mode(Value(words, "mode")) ?? LabMode.Direct,
                    Source = LabWords.Source(Value(words, "source")) ?? LabSource.None,
                    V4 = families.Contains('4', StringComparison.Ordinal),
                    V6 = families.Contains('6', StringComparison.Ordinal),
                    Empty = Value(words, "empty") == "yes",
                    Size = Value(words, "size")?.Split('x') is [var n, var p] && int.TryParse(n, out int nodes) && int.TryParse(p, out int pods) ? (nodes, pods) : null,
                    Services = LabServiceWords.Read(names),
                };
            case "internet": return new LabMark(LabKind.Internet, name);
            case "node" when int.TryParse(Value(words, "index"), out int index): return new LabMark(LabKind.Node, name, index);
            case "pod" when Value(words, "node") is { } node:
                _ = int.TryParse(Value(words, "number"), out int number);
                return new LabMark(LabKind.Pod, name, 0, node) { Number = number, Containers = Value(words, "containers")?.Split(',') ?? [] };
            default: return null;
        }
    }

    private static string? Value(string[] words, string key)
    {
        string? word = Array.Find(words, w => w.StartsWith(key, StringComparison.Ordinal) && w.Length > key.Length && w[key.Length] == '=');
        return word?[(key.Length + 1)..];
    }
}
