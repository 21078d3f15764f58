namespace Twill.Kube.Yaml;

/// <summary>The text is no YAML, or YAML outside of the part that is read here, or not what the caller needs.</summary>
/// <param name="document">What was read: a file's path, or a word for it.</param>
/// <param name="line">From 1.</param>
/// <param name="column">From 1, in UTF-16 units.</param>
/// <param name="why">What is wrong there, and what to write instead.</param>
public sealed class YamlException(string document, int line, int column, string why)
    : Exception($"cannot read {Shorten(document)}: line {line}, column {column}: {why}")
{
    private const int MaxQuotedLength = 96;

    public string Document { get; } = document;

    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>The message without document and place.</summary>
    public string Why { get; } = why;

    /// <summary>Text of somebody else for a message: in quotes, cut after 96 characters, control characters replaced.</summary>
    internal static string Quote(string text) => $"\"{Shorten(text)}\"";

    private static string Shorten(string text)
    {
        var cut = text.Length > MaxQuotedLength ? string.Concat(text.AsSpan(0, MaxQuotedLength), "...") : text;
        return string.Create(cut.Length, cut, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
                to[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? '?' : from[i];
        });
    }
}
