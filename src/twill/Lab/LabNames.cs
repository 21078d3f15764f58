namespace Twill.Lab;

/// <summary>Names of pods: colours, then colours with a number.</summary>
internal static class LabNames
{
    internal const string Router = "router", Internet = "internet";

    private static readonly string[] s_colours =
    [
        "blue", "red", "green", "grey", "pink", "teal", "gold", "navy", "lime", "aqua", "plum", "rose", "ruby", "jade", "mint", "cyan", "amber", "ivory", "coral", "olive",
        "peach", "lilac", "khaki", "azure", "beige", "brown", "black", "white", "cream", "denim", "ebony", "hazel", "lemon", "mauve", "ochre", "pearl", "sepia", "topaz", "umber", "wine",
    ];

    /// <summary>The name of the i-th pod of the lab, from 0.</summary>
    internal static string Pod(int i) => i < s_colours.Length ? s_colours[i] : $"{s_colours[i % s_colours.Length]}{(i / s_colours.Length) + 1}";

    internal static string Node(int index) => $"node{index}";
}
