using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Twill.Cli;

/// <summary>What is wrong with a command line, in sentences: what, where, what was meant, where the usage is.</summary>
internal static class UsageFault
{
    /// <returns>Empty: it can run. Who asks for help or the version gets it, whatever else was typed.</returns>
    internal static IReadOnlyList<string> Find(OptionVariables variables)
    {
        ParseResult result = variables.Result;
        if (result.Action?.ClearsParseErrors == true) return [];
        IReadOnlyList<Command> path = CommandTable.PathOf(result.CommandResult);
        Command command = path[^1];
        string name = CommandTable.NameOf(path);
        var faults = new List<string>(variables.Faults);
        foreach (string word in result.UnmatchedTokens.Concat(Strays(result)))
        {
            IEnumerable<string> candidates = word.StartsWith('-') ? CommandTable.AllOptions(path).Select(o => o.Name) : CommandTable.Subcommands(command).Select(c => c.Name);
            faults.Add($"`{name}` does not know \"{word}\"{(Typo.Nearest(word, candidates) is { } near ? $"; did you mean \"{near}\"?" : "")}");
        }

        if (result.Action is ParseErrorAction && faults.Count == variables.Faults.Count) faults.AddRange(Errors(variables, command, name));
        if (faults.Count > 0) faults.Add($"usage and examples: {name} --help");
        return faults;
    }

    private static IEnumerable<string> Errors(OptionVariables variables, Command command, string name)
    {
        ParseResult result = variables.Result;
        if (command.Subcommands.Count > 0)
        {
            yield return $"`{name}` wants one of {string.Join(", ", CommandTable.Subcommands(command).Select(c => c.Name))}";
            yield break;
        }

        Argument[] missing = [.. command.Arguments.Where(a => (result.GetResult(a)?.Tokens.Count ?? 0) < a.Arity.MinimumNumberOfValues)];
        if (missing.Length > 0) yield return $"`{name}` needs {string.Join(" and ", missing.Select(a => a.Name))}{(missing.Length == 1 ? $": {missing[0].Description}" : "")}";
        foreach (string message in result.Errors.Where(e => !missing.Any(m => e.SymbolResult is CommandResult || (e.SymbolResult is ArgumentResult a && a.Argument == m))).Select(variables.Describe).Distinct(StringComparer.Ordinal)) yield return message.ReplaceLineEndings(" ");
    }

    /// <summary>Words that look like options and were taken for arguments. Behind -- they are arguments.</summary>
    private static IEnumerable<string> Strays(ParseResult result)
    {
        HashSet<Token> free = new(ReferenceEqualityComparer.Instance);
        foreach (Token token in result.Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash)) free.Add(token);
        foreach (ArgumentResult argument in result.CommandResult.Children.OfType<ArgumentResult>())
        {
            foreach (Token token in argument.Tokens)
            {
                if (token.Value is ['-', _, ..] && free.Contains(token)) yield return token.Value;
            }
        }
    }
}
