using System.Text;

namespace Twill.Kube.Yaml;

/// <summary>Where a node stands: in which document, at which line, and below which node.</summary>
/// <param name="Document">A file's path, or a word for it.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Step">How the parent calls it; null for the document itself.</param>
internal readonly record struct YamlOrigin(string Document, int Line, int Column, YamlStep? Step)
{
    public void AppendPath(StringBuilder text) => Step?.AppendTo(text);
}

/// <summary>One step of a path: a key of a map, or an index of a list. Never deeper than <see cref="YamlReader.MaxDepth"/>.</summary>
internal sealed record YamlStep(YamlStep? Parent, string? Key, int Index)
{
    private const int MaxShownKey = 64;

    public void AppendTo(StringBuilder text)
    {
        Parent?.AppendTo(text);
        if (Key is null)
        {
            text.Append('[').Append(Index).Append(']');
            return;
        }

        if (text.Length > 0)
            text.Append('.');
        foreach (var c in Key.AsSpan(0, Math.Min(Key.Length, MaxShownKey)))
            text.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
    }
}
