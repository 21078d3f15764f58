using System.CommandLine;
using System.CommandLine.Help;
using System.Text;

namespace Twill.Cli;

/// <summary>A command's help: examples, what it does, how it is called, and each of its words.</summary>
internal static class HelpText
{
    internal const int Width = 80;

    /// <summary>The column of explanations where the words before them are short; longer words move it, this far at most.</summary>
    private const int LeastColumn = 14, MostColumn = 30;

    internal static string Draw(IReadOnlyList<Command> path)
    {
        Command command = path[^1];
        var text = new StringBuilder();
        if (CommandTable.ExamplesOf(command) is { Count: > 0 } examples)
        {
            text.Append("Examples:\n");
            foreach (string example in examples) text.Append("  ").Append(example).Append('\n');
            text.Append('\n');
        }

        Fill(text, command.Description ?? "", 0);
        text.Append("\nUsage:\n");
        foreach (string line in Usage(path)) text.Append("  ").Append(line).Append('\n');
        Table(text, "Arguments", command.Arguments.Where(a => !a.Hidden).Select(a => new Term(a.Name, a.Description ?? "")));
        Table(text, "Commands", CommandTable.Subcommands(command).Select(c => new Term(c.Name, Brief(c))));
        Table(text, "Options", CommandTable.OwnOptions(command).Select(o => new Term(Spelling(o), Explanation(o))));
        Table(text, "Everywhere", CommandTable.SharedOptions(path).Select(o => new Term(Spelling(o), Explanation(o))));
        if (command is RootCommand)
        {
            text.Append('\n');
            Fill(text, "Each option has a variable as well, --nodes TWILL_NODES: `twill help env`. The exit code tells what kind of trouble there was: `twill help exit-codes`. Manual: `twill man`.", 0);
        }

        return text.ToString();
    }

    /// <summary>The lines of a synopsis.</summary>
    internal static IEnumerable<string> Usage(IReadOnlyList<Command> path)
    {
        Command command = path[^1];
        string name = CommandTable.NameOf(path);
        if (command.Subcommands.Count > 0) yield return $"{name} COMMAND ...";
        if (command.Action is null) yield break;
        var line = new StringBuilder(name);
        foreach (Argument argument in command.Arguments.Where(a => !a.Hidden)) line.Append(' ').Append(Slot(argument));
        if (CommandTable.OwnOptions(command).Any()) line.Insert(name.Length, " [OPTIONS]");
        yield return line.ToString();
    }

    /// <summary>"-n, --nodes N"; a lone long name is set under the other long ones.</summary>
    internal static string Spelling(Option option)
    {
        string[] names = [.. option.Aliases.Append(option.Name).Where(n => n[0] == '-' && n is not ("-?" or "/?" or "/h")).Distinct().OrderBy(n => n.Length)];
        string text = string.Join(", ", names);
        if (names[0].StartsWith("--", StringComparison.Ordinal)) text = $"    {text}";
        return option.HelpName is { } value ? $"{text} {value}" : text;
    }

    /// <summary>Its default, where it has one worth telling.</summary>
    internal static string? Default(Option option)
        => option.HasDefaultValue && option.ValueType != typeof(bool) && option is not (HelpOption or VersionOption) && option.GetDefaultValue() is { } value and not Array && value.ToString() is { Length: > 0 } text ? text : null;

    /// <summary>The first sentence without its stop.</summary>
    internal static string Brief(Command command) => (command.Description ?? "").Split(". ")[0].Split(": ")[0].TrimEnd('.');

    /// <summary>Appends words, wrapped, the first line where the text stands, the others indented.</summary>
    internal static void Fill(StringBuilder text, string words, int indent)
    {
        int column = indent;
        foreach (string word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > indent && column + 1 + word.Length > Width)
            {
                text.Append('\n').Append(' ', indent);
                column = indent;
            }

            if (column > indent)
            {
                text.Append(' ');
                column++;
            }

            text.Append(word);
            column += word.Length;
        }

        text.Append('\n');
    }

    private static string Slot(Argument argument)
    {
        string name = argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.Name}..." : argument.Name;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string Explanation(Option option) => $"{option.Description}{(option.Required ? " (required)" : "")}{(Default(option) is { } value ? $" [{value}]" : "")}";

    private static void Table(StringBuilder text, string title, IEnumerable<Term> rows)
    {
        Term[] all = [.. rows];
        if (all.Length == 0) return;
        text.Append('\n').Append(title).Append(":\n");
        int column = Math.Clamp(all.Max(r => r.Name.Length) + 4, LeastColumn, MostColumn);
        foreach ((string name, string meaning) in all)
        {
            text.Append("  ").Append(name);
            if (name.Length + 4 > column) text.Append('\n').Append(' ', column);
            else text.Append(' ', column - name.Length - 2);
            Fill(text, meaning, column);
        }
    }
}
