using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;

namespace Twill.Cli;

/// <summary>Every option may come from the environment as well, --nodes from TWILL_NODES. The command line wins; an empty variable is none.</summary>
internal sealed class OptionVariables
{
    private readonly Dictionary<Option, string> _used = [];

    private OptionVariables(ParseResult result) => Result = result;

    internal ParseResult Result { get; private set; }

    /// <summary>What is wrong with the variables themselves.</summary>
    internal List<string> Faults { get; } = [];

    internal static bool Has(Option option) => option is not (HelpOption or VersionOption);

    internal static string NameOf(Option option) => NameOf(option.Name);

    internal static string NameOf(string option) => $"TWILL_{option.TrimStart('-').ToUpperInvariant().Replace('-', '_')}";

    /// <summary>Parses, and once more with the values of the variables as if they had been typed, so that the same rules meet them.</summary>
    internal static OptionVariables Parse(RootCommand root, IReadOnlyList<string> words, ParserConfiguration parser, Func<string, string?> environment)
    {
        var variables = new OptionVariables(root.Parse(words, parser));
        List<string> typed = variables.Typed(environment);
        if (typed.Count == 0) return variables;
        int at = EndOfCommand(words, variables.Result.CommandResult);
        variables.Result = root.Parse([.. words.Take(at), .. typed, .. words.Skip(at)], parser);
        return variables;
    }

    /// <summary>The error in the words of somebody who set a variable and typed nothing.</summary>
    internal string Describe(ParseError error)
    {
        for (SymbolResult? at = error.SymbolResult; at is not null; at = at.Parent)
        {
            if (at is OptionResult option && _used.TryGetValue(option.Option, out string? name)) return $"the environment has {name}, read as {error.Message}";
        }

        return error.Message;
    }

    private List<string> Typed(Func<string, string?> environment)
    {
        var typed = new List<string>();
        foreach (Option option in CommandTable.AllOptions(CommandTable.PathOf(Result.CommandResult)))
        {
            string name = NameOf(option);
            if (!Has(option) || Result.GetResult(option) is { Implicit: false } || environment(name) is not { Length: > 0 } value) continue;
            if (option.ValueType == typeof(bool) && Switch(value) is null)
            {
                Faults.Add($"the environment has {name}={value}: expected true or false, for {option.Name}");
                continue;
            }

            _used[option] = name;

            // A list of values is separated by blanks.
            string[] values = option.ValueType == typeof(bool) ? [Switch(value)!] : option.Arity.MaximumNumberOfValues > 1 ? value.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [value];
            foreach (string one in values) typed.Add($"{option.Name}={one}");
        }

        return typed;
    }

    private static string? Switch(string value) => value.ToUpperInvariant() switch
    {
        "1" or "TRUE" or "YES" or "ON" => "true",
        "0" or "FALSE" or "NO" or "OFF" => "false",
        _ => null,
    };

    /// <summary>Where the command's own options may begin: behind the word that names it.</summary>
    private static int EndOfCommand(IReadOnlyList<string> words, CommandResult command)
    {
        if (command.Parent is not CommandResult parent) return 0;
        int at = EndOfCommand(words, parent);
        while (at < words.Count && words[at] != command.IdentifierToken.Value) at++;
        return Math.Min(at + 1, words.Count);
    }
}
