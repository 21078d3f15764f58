namespace Twill.Topo.Scene;

/// <summary>How much is drawn, and into how many columns.</summary>
internal sealed record LayoutOptions
{
    internal const int LeastWidth = 40;

    /// <summary>Columns; nothing is drawn beyond.</summary>
    internal int Width { get; init; } = 80;

    /// <summary>Also hardware addresses, interface numbers, forwarding entries.</summary>
    internal bool Wide { get; init; }

    /// <summary>Also pods' gateways, and every family's routes.</summary>
    internal bool Roomy { get; init; }

    /// <summary>Pods that stay where others become a count.</summary>
    internal IReadOnlySet<string> Keep { get; init; } = new HashSet<string>();

    /// <summary>Only this node; null: all.</summary>
    internal string? Node { get; init; }

    /// <summary>Columns between nodes.</summary>
    internal int Gap { get; init; } = 1;

    /// <summary>Empty rows above nodes.</summary>
    internal int RowGap { get; init; }

    /// <summary>Above all, the whole in one line.</summary>
    internal bool Headline { get; init; } = true;

    /// <summary>Also what is wrong, in sentences, below.</summary>
    internal bool Sentences { get; init; }

    /// <summary>With more nodes each is a small card.</summary>
    internal int MostDetailedNodes { get; init; } = 6;

    /// <summary>For a page, where there is room.</summary>
    /// <param name="width">Columns; null: as many as so many nodes look well in.</param>
    internal static LayoutOptions Page(Topology topology, int? width) => new()
    {
        Width = width ?? (topology.Nodes.Count > PageNodes ? 200 : 124),
        Gap = 3,
        RowGap = 1,
        Roomy = true,
        Sentences = true,
        MostDetailedNodes = PageNodes,
    };

    private const int PageNodes = 9;
}
