namespace Twill.Topo.Page;

/// <summary>What a reader learns of one thing in the picture.</summary>
/// <param name="Key">As the picture's shapes have it.</param>
/// <param name="Kind">"pod", "bridge", ...: in words.</param>
/// <param name="Facts">What the kernel says of it.</param>
/// <param name="Says">What such a thing is for, in one sentence.</param>
/// <param name="How">The commands that make it.</param>
internal sealed record TopologyFact(string Key, string Kind, string Title, IReadOnlyList<TopologyFact.Line> Facts, string Says, IReadOnlyList<string> How)
{
    /// <summary>One thing that the kernel says.</summary>
    internal sealed record Line(string Name, string Value);
}
