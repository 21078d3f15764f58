using System.Text.Json;
using Xunit;

namespace Twill.Tests.Cli;

/// <summary>What a command printed is what docs/schema says it prints. Compiled into both test projects.</summary>
internal static class SchemaAssert
{
    internal static string Folder { get; } = FindFolder();

    /// <param name="name">As in the field "schema", without the domain: lab-status/v1.</param>
    internal static void Valid(string name, string json)
    {
        IReadOnlyList<string> faults = Faults(name, json);
        Assert.True(faults.Count == 0, $"not as docs/schema/{name.Replace('/', '-')}.json says:\n{string.Join('\n', faults.Take(20))}");
    }

    internal static IReadOnlyList<string> Faults(string name, string json)
    {
        using var schema = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, $"{name.Replace('/', '-')}.json")));
        using var value = JsonDocument.Parse(json);
        return new JsonSchema(schema.RootElement).Validate(value.RootElement);
    }

    private static string FindFolder()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "twill.slnx"))) return Path.Combine(d.FullName, "docs", "schema");
        }

        throw new InvalidOperationException($"twill.slnx is in no directory above {AppContext.BaseDirectory}");
    }
}
