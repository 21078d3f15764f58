using Xunit;

namespace Twill.Tests.Conformance;

public sealed class ConformanceTests
{
    /// <summary>How many statements each letter has.</summary>
    private static readonly (char Letter, int Count)[] s_letters = [('E', 14), ('C', 15), ('A', 13), ('D', 12), ('K', 10), ('G', 15), ('S', 7), ('V', 4), ('R', 10), ('X', 5), ('L', 7), ('P', 6)];

    private static readonly string s_root = FindRoot();

    private static string TablePath => Path.Combine(s_root, "tests", "Twill.Tests", "Conformance", "statements.txt");

    private static string PagePath => Path.Combine(s_root, "docs", "cni-conformance.md");

    [Fact]
    public void Table_HasEachStatementOnce() => Assert.Equal(s_letters.SelectMany(l => Enumerable.Range(1, l.Count).Select(i => $"{l.Letter}{i:00}")), Page().Ids);

    [Fact]
    public void Statements_AllHaveATestOrAReason()
    {
        ConformancePage page = Page();
        Assert.Empty(page.Open);
        Assert.Empty(page.Strangers);
        Assert.Empty(page.Notes.Except(page.Ids));
    }

    [Fact]
    public void Page_IsUpToDate()
    {
        string text = Page().Text();
        if (Environment.GetEnvironmentVariable("TWILL_UPDATE_GOLDEN") == "1") File.WriteAllText(PagePath, text);
        Assert.True(File.Exists(PagePath) && File.ReadAllText(PagePath) == text, "docs/cni-conformance.md differs from the tests' traits: build all, run this test with TWILL_UPDATE_GOLDEN=1, and review the difference");
    }

    /// <summary>The negative control: neither test nor note, and an id that nobody knows, are seen.</summary>
    [Fact]
    public void Page_CanSayNo()
    {
        var page = new ConformancePage(["## A Letters", "A01 One.", "A02 Two.", "note A02 Why not."], [("A09", "T.M")]);
        Assert.Equal(["A01"], page.Open);
        Assert.Equal(["A09"], page.Strangers);
        Assert.Contains("| A02 | Two. *Why not.* | no test |", page.Text(), StringComparison.Ordinal);
        Assert.Contains("0 of 2", page.Text(), StringComparison.Ordinal);
    }

    private static ConformancePage Page()
    {
        string pure = typeof(ConformanceTests).Assembly.Location, kernel = pure.Replace("Twill.Tests", "Twill.KernelTests", StringComparison.Ordinal);
        Assert.True(File.Exists(kernel), $"{kernel} is missing: dotnet build twill.slnx");
        return new ConformancePage(File.ReadLines(TablePath), [.. ProofReader.Read(pure), .. ProofReader.Read(kernel)]);
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "twill.slnx"))) return d.FullName;
        }

        throw new InvalidOperationException($"twill.slnx is in no directory above {AppContext.BaseDirectory}");
    }
}
