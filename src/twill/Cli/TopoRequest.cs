namespace Twill.Cli;

/// <summary>What of the network is to be drawn, and how.</summary>
/// <param name="Format">As -o has it.</param>
/// <param name="Width">Columns; 0: what suits.</param>
/// <param name="Diff">A saved state to compare with; null: none.</param>
internal sealed record TopoRequest(string Format, string? Node, IReadOnlySet<string> Pods, bool Wide, int Width, string? Diff);
