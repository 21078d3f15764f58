using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Callers;

/// <summary>docs/runtimes.md shows what the tests run.</summary>
public sealed class RuntimesPageTests
{
    [Fact]
    public void Page_ConfigurationFilesOfTheTests_AreInItVerbatim()
    {
        string page = File.ReadAllText(Path.Combine(Artifacts.Root, "docs", "runtimes.md"));
        string[] files = [.. Directory.GetFiles(Shipped.Directory).Order(StringComparer.Ordinal)];
        Assert.True(files.Length >= 5, $"only {files.Length} files in {Shipped.Directory}");
        foreach (string file in files) Assert.True(page.Contains($"\n{File.ReadAllText(file)}```", StringComparison.Ordinal), $"docs/runtimes.md does not hold {Path.GetFileName(file)} as the tests run it");
        foreach (string line in page.Split('\n').Where(l => l.StartsWith("<!-- tested: ", StringComparison.Ordinal))) Assert.True(File.Exists(Path.Combine(Shipped.Directory, line.Split(' ')[2])), line);
    }
}
