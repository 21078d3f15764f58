namespace Twill.Lab.Model;

/// <summary>Modes and sources as people, marks and files write them.</summary>
internal static class LabWords
{
    internal static IReadOnlyList<string> Modes { get; } = [.. Enum.GetValues<LabMode>().Select(Of)];

    internal static IReadOnlyList<string> Sources { get; } = [.. Enum.GetValues<LabSource>().Select(Of)];

    internal static string Of(LabMode mode) => mode.ToString().ToLowerInvariant();

    internal static string Of(LabSource source) => source.ToString().ToLowerInvariant();

    internal static LabMode? Mode(string? word) => Enum.GetValues<LabMode>().Select(m => (LabMode?)m).FirstOrDefault(m => Of(m!.Value) == word);

    internal static LabSource? Source(string? word) => Enum.GetValues<LabSource>().Select(s => (LabSource?)s).FirstOrDefault(s => Of(s!.Value) == word);
}
