using System.CommandLine;
using Twill.Cli;
using Twill.Tests.Lab;
using Xunit;

namespace Twill.Tests.Cli;

/// <summary>What holds for the help of every command, and the help itself. A new command needs TWILL_UPDATE_GOLDEN=1 and a look at what it wrote.</summary>
public sealed class HelpTests
{
    private static readonly string s_folder = Path.Combine(Golden.Directory(), "help");

    public static TheoryData<string> Commands => CommandTree.Names;

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_Command_IsAsKept(string name) => Golden.Check(Path.Combine(s_folder, $"{name.Replace(' ', '-')}.txt"), HelpText.Draw(CommandTree.Path(name)));

    [Fact]
    public void Help_Kept_IsOfCommandsThatAreThere()
        => Assert.Empty(Directory.GetFiles(s_folder).Select(Path.GetFileNameWithoutExtension).Except(((IEnumerable<TheoryDataRow<string>>)Commands).Select(c => c.Data.Replace(' ', '-')), StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_Command_BeginsWithExamplesThatParse(string name)
    {
        Command command = CommandTree.Path(name)[^1];
        Assert.StartsWith("Examples:\n  ", HelpText.Draw(CommandTree.Path(name)), StringComparison.Ordinal);
        string[][] lines = [.. CommandTable.ExamplesOf(command).SelectMany(CommandTree.Lines)];
        Assert.Contains(lines, l => $"twill {string.Join(' ', l)}".StartsWith(name, StringComparison.Ordinal));
        Assert.All(lines, l => Assert.Empty(UsageFault.Find(OptionVariables.Parse(CommandLine.Build(), l, CommandLine.Parser, _ => null))));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_Command_SaysWhatEachOfItsWordsIs(string name)
    {
        Command command = CommandTree.Path(name)[^1];
        Assert.EndsWith(".", command.Description, StringComparison.Ordinal);
        Assert.All(command.Arguments, a => Assert.False(string.IsNullOrEmpty(a.Description), $"{name}: {a.Name} has no description"));
        Assert.All(command.Arguments, a => Assert.Equal(a.Name.ToUpperInvariant(), a.Name));
        foreach (Option option in command.Options)
        {
            Assert.False(string.IsNullOrEmpty(option.Description), $"{name}: {option.Name} has no description");
            Assert.False(option.Description.EndsWith('.'), $"{name}: {option.Name} is described in a phrase, without a stop");
            if (option.ValueType != typeof(bool) && OptionVariables.Has(option)) Assert.False(string.IsNullOrEmpty(option.HelpName), $"{name}: {option.Name} takes a value without a name");
            Assert.StartsWith("--", option.Name, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_Command_KeepsTo80ColumnsBelowItsExamples(string name)
    {
        string text = HelpText.Draw(CommandTree.Path(name));
        Assert.All(text[text.IndexOf("\n\n", StringComparison.Ordinal)..].Split('\n'), l => Assert.InRange(l.Length, 0, HelpText.Width));
    }

    [Fact]
    public void Output_EveryCommandThatHasIt_HasTheSharedOne()
        => Assert.All(CommandTable.Walk(CommandLine.Build()).SelectMany(p => p[^1].Options).Where(o => o.Name == "--output" || o.Aliases.Contains("-o")), o => Assert.IsType<OutputOption>(o));

    [Fact]
    public void Topic_ExitCodes_HasEveryCode()
    {
        string text = HelpTopic.All.Single(t => t.Name == "exit-codes").Draw(CommandLine.Build());
        foreach (int code in (int[])[ExitCode.Ok, ExitCode.Problem, ExitCode.Usage, ExitCode.NotAllowed, ExitCode.NotFound, ExitCode.TimeOut, ExitCode.Internal, ExitCode.Interrupted]) Assert.Contains($"\n  {code,3}  ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Topic_Env_HasTheVariableOfEveryOption()
    {
        string text = HelpTopic.All.Single(t => t.Name == "env").Draw(CommandLine.Build());
        Assert.All(CommandTable.Walk(CommandLine.Build()).SelectMany(CommandTable.AllOptions).Where(OptionVariables.Has), o => Assert.Contains($"  {OptionVariables.NameOf(o)} ", text, StringComparison.Ordinal));
        Assert.All(text.Split('\n'), l => Assert.InRange(l.Length, 0, HelpText.Width));
    }

    [Fact]
    public void Fill_LongText_WrapsUnderItself()
    {
        var text = new System.Text.StringBuilder("  name  ");
        HelpText.Fill(text, string.Join(' ', Enumerable.Repeat("word", 40)), 8);
        string[] lines = text.ToString().Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.StartsWith("        word word", lines[1], StringComparison.Ordinal);
        Assert.Equal(40, text.ToString().Split("word").Length - 1);
    }
}
