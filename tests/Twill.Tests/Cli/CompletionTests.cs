using Twill.Cli;
using Xunit;

namespace Twill.Tests.Cli;

/// <summary>What could stand next, without a shell; the shells themselves are in Twill.KernelTests/Cli.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("lab st", "status")]
    [InlineData("lab status -o ", "text json")]
    [InlineData("lab status --output ", "text json")]
    [InlineData("lab status --output=", "--output=text --output=json")]
    [InlineData("lab status --output=j", "--output=json")]
    [InlineData("--color ", "auto always never")]
    [InlineData("--color never lab st", "status")]
    [InlineData("lab up --no", "--nodes")]
    [InlineData("lab up --nodes ", "")]
    [InlineData("lab up --nodes 3 --n", "")]
    [InlineData("lab up --asc", "--ascii")]
    [InlineData("lab exec blue -- ", ":programs")]
    [InlineData("lab exec blue -- ls -", ":programs")]
    [InlineData("cni add ", ":files")]
    [InlineData("cni add --cache-dir ", ":directories")]
    [InlineData("cni add --cache-dir=/va", ":directories")]
    [InlineData("completion ", "bash zsh fish")]
    [InlineData("help exit", "exit-codes")]
    [InlineData("nowhere ", "")]
    public void Next_HalfALine_IsThis(string line, string words) => Assert.Equal(words, string.Join(' ', Of(line).Select(c => c.Word)));

    [Fact]
    public void Next_Nothing_IsEveryCommandThatIsNotHidden()
    {
        IReadOnlyList<Candidate> candidates = Of("");
        Assert.Equal(CommandTable.Subcommands(CommandLine.Build()).Select(c => c.Name), candidates.Select(c => c.Word));
        Assert.DoesNotContain("complete", candidates.Select(c => c.Word));
        Assert.All(candidates, c => Assert.NotEmpty(c.Meaning));
    }

    [Fact]
    public void Next_OptionTwice_OnlyWhereItMayBe()
    {
        Assert.DoesNotContain("--yes", Of("cni gc x --yes --").Select(c => c.Word));
        Assert.Contains("--valid", Of("cni gc x --valid a:b --").Select(c => c.Word));
    }

    [Fact]
    public void Lines_Any_AreAWordATabAndOneLine()
        => Assert.All(CommandTable.Walk(CommandLine.Build()).SelectMany(p => Of(string.Join(' ', p.Skip(1).Select(c => c.Name).Append("--")))), c => Assert.Equal((false, 1), (c.Line.Contains('\n', StringComparison.Ordinal), c.Line.Count(x => x == '\t'))));

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void Script_EachShell_AsksTheHiddenCommand(string shell) => Assert.Contains("complete -- ", Resource.Text($"Shell/twill.{shell}"), StringComparison.Ordinal);

    private static IReadOnlyList<Candidate> Of(string line) => Completion.Of(CommandLine.Build(), line.Split(' '));
}
