using Twill.Cli;
using Twill.Lab.Container;

namespace Twill.Lab;

/// <summary>Names of pods: colours, then colours with a number.</summary>
internal static class LabNames
{
    /// <summary>Longest name of a pod or container: it stands in names of files and in the mark.</summary>
    private const int MaxLength = 40;

    internal const string Router = "router", Internet = "internet";

    private static readonly string[] s_colours =
    [
        "blue", "red", "green", "grey", "pink", "teal", "gold", "navy", "lime", "aqua", "plum", "rose", "ruby", "jade", "mint", "cyan", "amber", "ivory", "coral", "olive",
        "peach", "lilac", "khaki", "azure", "beige", "brown", "black", "white", "cream", "denim", "ebony", "hazel", "lemon", "mauve", "ochre", "pearl", "sepia", "topaz", "umber", "wine",
    ];

    /// <summary>The name of the i-th pod of the lab, from 0.</summary>
    internal static string Pod(int i) => i < s_colours.Length ? s_colours[i] : $"{s_colours[i % s_colours.Length]}{(i / s_colours.Length) + 1}";

    internal static string Node(int index) => $"node{index}";

    /// <summary>Refuses what cannot be a name in /run/netns, in a mark, or on a command line.</summary>
    /// <param name="what">"pod" or "container".</param>
    /// <param name="name">What somebody typed.</param>
    internal static void Check(string what, string name)
    {
        if (WhyNot(name) is { } why) throw new LabException(ExitCode.Usage, $"{what} name \"{name}\": {why}");
    }

    internal static void CheckContainers(string pod, IReadOnlyList<string> containers)
    {
        foreach (string container in containers) Check("container", container);
        if (containers.Count > PodContainers.MaxContainers) throw new LabException(ExitCode.Usage, $"pod {pod}: {containers.Count} containers, and {PodContainers.MaxContainers} are the most");
        if (containers.Distinct(StringComparer.Ordinal).Count() < containers.Count) throw new LabException(ExitCode.Usage, $"pod {pod}: two containers have one name");
    }

    /// <returns>Null: it can be a name.</returns>
    internal static string? WhyNot(string name)
    {
        if (name.Length is 0 or > MaxLength) return $"expected 1 to {MaxLength} characters";
        if (!char.IsAsciiLetterLower(name[0]) || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')) return "expected lower-case letters, digits and hyphens, a letter first";
        return name is Router or Internet || IndexOf(name) is not null ? "the lab itself has something of that name" : null;
    }

    /// <returns>The number of a node, by its name; null: no node has such a name.</returns>
    internal static int? IndexOf(string node) => node.StartsWith("node", StringComparison.Ordinal) && int.TryParse(node.AsSpan(4), out int index) && index > 0 && node == Node(index) ? index : null;
}
