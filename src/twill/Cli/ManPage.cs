using System.CommandLine;
using System.Text;

namespace Twill.Cli;

/// <summary>A command's page of the manual, section 1, in man(7)'s words; all that is in it comes from the tree.</summary>
internal sealed class ManPage
{
    private readonly IReadOnlyList<Command> _path;
    private readonly StringBuilder _text = new();

    private ManPage(IReadOnlyList<Command> path) => _path = path;

    /// <summary>"twill-lab-up".</summary>
    internal static string NameOf(IReadOnlyList<Command> path) => CommandTable.NameOf(path).Replace(' ', '-');

    internal static string Draw(IReadOnlyList<Command> path)
    {
        var page = new ManPage(path);
        page.DrawAll();
        return page._text.ToString();
    }

    private void DrawAll()
    {
        Command command = _path[^1];
        _text.Append(Roff.Head(NameOf(_path), 1, Lower(HelpText.Brief(command))));
        Line(".SH SYNOPSIS");
        bool first = true;
        foreach (string usage in HelpText.Usage(_path))
        {
            if (!first) Line(".br");
            first = false;
            string name = CommandTable.NameOf(_path);
            Line($@"\fB{Roff.Escape(name)}\fR{Roff.Escape(usage[name.Length..])}");
        }

        Line(".SH DESCRIPTION");
        Line(Roff.Escape(command.Description ?? ""));
        Terms("ARGUMENTS", command.Arguments.Where(a => !a.Hidden).Select(a => new Term($@"\fI{Roff.Escape(a.Name)}\fR", Roff.Escape(Sentence(a.Description)))));
        Terms("COMMANDS", CommandTable.Subcommands(command).Select(c => new Term($@"\fB{Roff.Escape(NameOf([.. _path, c]))}\fR(1)", Roff.Escape(Sentence(HelpText.Brief(c))))));
        Terms("OPTIONS", CommandTable.AllOptions(_path).Select(o => new Term(Spelling(o), Explanation(o))));
        Examples(CommandTable.ExamplesOf(command));
        Terms("EXIT STATUS", ExitCode.Meanings.Select(m => new Term($@"\fB{m.Name}\fR", Roff.Escape(m.Meaning))));
        if (command is RootCommand) Terms("ENVIRONMENT", HelpTopic.Others.Select(o => new Term($@"\fB{Roff.Escape(o.Name)}\fR", Roff.Escape(o.Meaning))));
        Line(".SH SEE ALSO");
        Line(string.Join(",\n", Neighbours()));
    }

    /// <summary>The page above, those below, and the two that are written by hand.</summary>
    private IEnumerable<string> Neighbours()
    {
        var pages = new List<string>();
        if (_path.Count > 1) pages.Add(Reference(NameOf([.. _path.SkipLast(1)]), 1));
        foreach (Command command in CommandTable.Subcommands(_path[^1])) pages.Add(Reference(NameOf([.. _path, command]), 1));
        pages.Add(Reference("twill-conf", 5));
        pages.Add(Reference("twill", 7));
        return pages;
    }

    private static string Reference(string page, int section) => $@"\fB{Roff.Escape(page)}\fR({section})";

    private void Terms(string title, IEnumerable<Term> terms)
    {
        Term[] all = [.. terms];
        if (all.Length == 0) return;
        Line($".SH {title}");
        foreach ((string term, string meaning) in all)
        {
            Line(".TP");
            Line(term);
            Line(meaning);
        }
    }

    private void Examples(IReadOnlyList<string> examples)
    {
        if (examples.Count == 0) return;
        Line(".SH EXAMPLES");
        Line(".nf");
        foreach (string example in examples) Line(Roff.Escape(example));
        Line(".fi");
    }

    private static string Spelling(Option option)
    {
        string words = HelpText.Spelling(option).TrimStart();
        string names = option.HelpName is { } value ? words[..^(value.Length + 1)] : words;
        return $@"\fB{Roff.Escape(names)}\fR{(option.HelpName is { } help ? $@" \fI{Roff.Escape(help)}\fR" : "")}";
    }

    private static string Explanation(Option option)
    {
        string text = Roff.Escape(Sentence(option.Description));
        if (option.Required) text += " Required.";
        if (HelpText.Default(option) is { } value) text += $@" Default: \fB{Roff.Escape(value)}\fR.";
        return OptionVariables.Has(option) ? $@"{text} Variable: \fB{OptionVariables.NameOf(option)}\fR." : text;
    }

    private static string Sentence(string? text) => text is { Length: > 0 } ? $"{text.TrimEnd('.')}." : "";

    private static string Lower(string text) => text is [var first, var second, ..] && char.IsLower(second) ? char.ToLowerInvariant(first) + text[1..] : text;

    private void Line(string text) => _text.Append(text).Append('\n');
}
