using System.CommandLine;
using System.Globalization;
using System.Text;

namespace Twill.Cli;

/// <summary>A page of `twill help` that is not about one command.</summary>
internal sealed record HelpTopic(string Name, Func<RootCommand, string> Draw)
{
    internal static IReadOnlyList<HelpTopic> All { get; } =
    [
        new("exit-codes", _ => ExitCodes()),
        new("env", Variables),
    ];

    /// <summary>Variables that are not an option's.</summary>
    internal static IReadOnlyList<Term> Others { get; } =
    [
        new("NO_COLOR", "Set to anything: no colours, unless --color says otherwise."),
        new("TERM", "dumb: no colours, ASCII only."),
        new("LC_ALL, LC_CTYPE, LANG", "The first that is set decides whether lines and arrows may be drawn: a UTF-8 locale."),
        new("COLUMNS", "How wide tables may be, 40 and more; 100 where it is not set."),
        new("CNI_PATH", "Directories with plugins, where neither --cni-path nor TWILL_CNI_PATH is given."),
        new("CNI_COMMAND", "Set by container runtimes: twill is a CNI plugin then, and the command line is not looked at."),
    ];

    private static string ExitCodes()
    {
        var text = new StringBuilder("Exit codes:\n");
        foreach ((string code, string meaning) in ExitCode.Meanings)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {code,3}  ");
            HelpText.Fill(text, meaning, 7);
        }

        text.Append('\n');
        HelpText.Fill(text, "`twill lab exec` ends with the code of the command that it became. As a CNI plugin, twill ends with 0 or 1, and the error is JSON on stdout, as the specification has it.", 0);
        return text.ToString();
    }

    private static string Variables(RootCommand root)
    {
        var text = new StringBuilder();
        HelpText.Fill(text, "Every option may come from the environment. The command line wins over the variable, the variable over the default; an empty variable is as none. A switch takes true or false. A list is separated by blanks. A variable of an option that a command does not have is not looked at.", 0);
        text.Append("\nOptions:\n");
        foreach ((string option, string commands) in Options(root))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {OptionVariables.NameOf(option),-21} {option,-15} ");
            HelpText.Fill(text, commands, 40);
        }

        text.Append("\nOthers:\n");
        foreach ((string name, string meaning) in Others)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {name,-23} ");
            HelpText.Fill(text, meaning, 26);
        }

        return text.ToString();
    }

    /// <summary>Each option once, and the commands that have it, in the order of the tree.</summary>
    private static IEnumerable<Term> Options(RootCommand root)
    {
        var order = new List<string>();
        var commands = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (IReadOnlyList<Command> path in CommandTable.Walk(root))
        {
            foreach (Option option in (path.Count == 1 ? CommandTable.AllOptions(path) : CommandTable.OwnOptions(path[^1])).Where(OptionVariables.Has))
            {
                string name = path.Count == 1 ? "every command" : CommandTable.NameOf(path)["twill ".Length..];
                if (!commands.TryGetValue(option.Name, out string? others)) order.Add(option.Name);
                commands[option.Name] = others is null ? name : $"{others}, {name}";
            }
        }

        return order.Select(o => new Term(o, commands[o]));
    }
}
