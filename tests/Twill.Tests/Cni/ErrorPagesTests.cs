using System.Reflection;
using System.Text.RegularExpressions;
using Twill.Cni;
using Twill.Tests.Cli;
using Xunit;

namespace Twill.Tests.Cni;

/// <summary>docs/errors: a page and a line of the list for each code that can be answered, and none for one that cannot.</summary>
public sealed partial class ErrorPagesTests
{
    /// <summary>Codes of the specification that are never answered; docs/errors/README.md says why.</summary>
    private static readonly int[] s_unused = [CniErrorCode.UnknownContainer, CniErrorCode.LimitedConnectivity];

    private static string Folder => Path.Combine(SchemaAssert.Folder, "..", "errors");

    private static int[] Codes => [.. typeof(CniErrorCode).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (int)f.GetRawConstantValue()!).Except(s_unused).Order()];

    [Fact]
    public void Pages_AreThoseOfTheCodes()
    {
        Assert.Equal(Codes, Directory.GetFiles(Folder, "*.md").Select(f => Path.GetFileNameWithoutExtension(f)!).Where(n => n != "README").Select(int.Parse).Order());
        Assert.Equal(Codes, ListLine().Matches(File.ReadAllText(Path.Combine(Folder, "README.md"))).Select(m => int.Parse(m.Groups[1].Value)));
    }

    [Fact]
    public void Page_HasCodeCausesAndWhatToDo()
    {
        foreach (int code in Codes)
        {
            string page = File.ReadAllText(Path.Combine(Folder, $"{code}.md"));
            Assert.StartsWith($"# {code}: ", page, StringComparison.Ordinal);
            Assert.True(Example().IsMatch(page), $"{code}.md shows no message");
            Assert.True(page.Contains("**What to do.**", StringComparison.Ordinal), $"{code}.md does not say what to do");
        }
    }

    [GeneratedRegex(@"^\| \[(\d+)\]\(\1\.md\) \|", RegexOptions.Multiline)]
    private static partial Regex ListLine();

    [GeneratedRegex(@"^    \S", RegexOptions.Multiline)]
    private static partial Regex Example();
}
