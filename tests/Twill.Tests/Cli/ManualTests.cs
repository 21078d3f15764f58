using System.CommandLine;
using Twill.Cli;
using Twill.Plugin;
using Xunit;

namespace Twill.Tests.Cli;

/// <summary>The manual has every word of the command line. Whether man(1) can read it is Twill.KernelTests/Cli's.</summary>
public sealed class ManualTests
{
    public static TheoryData<string> Commands => CommandTree.Names;

    public static TheoryData<string> Files => [.. Manual.Files(CommandLine.Build())];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Page_Command_HasAllItsWords(string name)
    {
        IReadOnlyList<Command> path = CommandTree.Path(name);
        string page = Manual.Find(CommandLine.Build(), [.. name.Split(' ').Skip(1)])!;
        Assert.StartsWith($".TH {name.Replace(' ', '-').ToUpperInvariant()} 1 ", page, StringComparison.Ordinal);
        Assert.Contains($"\n{Roff.Escape(path[^1].Description!)}\n", page, StringComparison.Ordinal);
        foreach (Option option in CommandTable.AllOptions(path))
        {
            Assert.Contains(Roff.Escape(option.Name), page, StringComparison.Ordinal);
            Assert.Contains(Roff.Escape(option.Description!), page, StringComparison.Ordinal);
            if (OptionVariables.Has(option)) Assert.Contains(OptionVariables.NameOf(option), page, StringComparison.Ordinal);
        }

        Assert.All(CommandTable.ExamplesOf(path[^1]), e => Assert.Contains($"\n{Roff.Escape(e)}\n", page, StringComparison.Ordinal));
        Assert.All(CommandTable.Subcommands(path[^1]), c => Assert.Contains($@"\-{Roff.Escape(c.Name)}\fR(1)", page, StringComparison.Ordinal));
        Assert.All(ExitCode.Meanings, m => Assert.Contains(Roff.Escape(m.Meaning), page, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Page_Listed_IsThereAndBeginsAsManPagesDo(string file)
    {
        string page = Manual.Find(CommandLine.Build(), [file])!;
        Assert.Matches(@"^\.TH [A-Z-]+ [157] \d{4}-\d\d-\d\d ""twill .*"" ""Twill manual""\n\.SH NAME\ntwill[a-z\\-]* \\- .+\n\.SH (SYNOPSIS|DESCRIPTION)\n", page);
        Assert.DoesNotMatch(@"\n\n|\t|`", page);
        Assert.All(page, c => Assert.True(c < 128));
    }

    [Fact]
    public void Page_Configuration_HasEveryKeyOfTheDocument()
    {
        string page = Manual.Find(CommandLine.Build(), ["conf"])!;
        string[] keys = [.. Resource.Text("docs/configuration.md").Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('`')[1])];
        Assert.True(keys.Length > 40);
        Assert.All(keys, k => Assert.Contains($".TP\n\\fB{Roff.Escape(k)}\\fR", page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("lab up", "TWILL-LAB-UP 1")]
    [InlineData("lab-up", "TWILL-LAB-UP 1")]
    [InlineData("twill-lab-up", "TWILL-LAB-UP 1")]
    [InlineData("twill-lab-up.1", "TWILL-LAB-UP 1")]
    [InlineData("", "TWILL 1")]
    [InlineData("twill", "TWILL 1")]
    [InlineData("twill.7", "TWILL 7")]
    [InlineData("concepts", "TWILL 7")]
    [InlineData("twill-conf", "TWILL-CONF 5")]
    [InlineData("no such", null)]
    public void Find_AnyName_IsThePage(string words, string? head)
        => Assert.Equal(head, Manual.Find(CommandLine.Build(), words.Split(' ', StringSplitOptions.RemoveEmptyEntries))?.Split('\n')[0] is { } line ? string.Join(' ', line.Split(' ')[1..3]) : null);

    [Theory]
    [InlineData(".TH evil", @"\&.TH evil")]
    [InlineData("'br", @"\(aqbr")]
    [InlineData(@"a\b -c `d` ^~", @"a\eb \-c \fBd\fR \(ha\(ti")]
    [InlineData("`open", @"\fBopen\fR")]
    [InlineData("·", @"\[u00B7]")]
    public void Escape_Text_IsNoInstruction(string text, string roff) => Assert.Equal(roff, Roff.Escape(text));

    [Fact]
    public void Document_Markdown_BecomesRoff()
    {
        string page = RoffDocument.Draw("x", 7, "a thing", "# Title\n\nWords `code` and [a link](there.md), **strong**.\nMore.\n\n## Part `two`\n\nBegins.\n\n1. one\n   goes on\n2. two\n\n- dot\n\n| key | type | meaning |\n|---|---|---|\n| `k` | int | what it is |\n| `l` | | else |\n\n### Deep\n\n```sh\n.lab 'up'\n```\n\n    indented\n\nEnd.\n");
        Assert.Equal(
            $".TH X 7 {Roff.Date} \"twill {AboutText.Version}\" \"Twill manual\"\n.SH NAME\nx \\- a thing\n.SH DESCRIPTION\nWords \\fBcode\\fR and a link, strong.\nMore.\n.SH PART TWO\nBegins.\n.IP 1. 4\none\ngoes on\n.IP 2. 4\ntwo\n.IP \\(bu 2\ndot\n.TP\n\\fBk\\fR\n\\fItype\\fR: int;\nwhat it is.\n.TP\n\\fBl\\fR\nelse.\n.SS Deep\n.PP\n.RS 4\n.nf\n\\&.lab \\(aqup\\(aq\n.fi\n.RE\n.PP\n.RS 4\n.nf\nindented\n.fi\n.RE\n.PP\nEnd.\n",
            page);
    }
}
