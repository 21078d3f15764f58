using System.CommandLine;
using System.CommandLine.Completions;

namespace Twill.Cli;

/// <summary>What could stand next on a command line that is half typed.</summary>
internal sealed class Completion
{
    private readonly List<Command> _path;
    private readonly HashSet<Option> _given = [];
    private Option? _open;
    private int _arguments;
    private bool _onlyArguments;

    private Completion(RootCommand root) => _path = [root];

    private Command Command => _path[^1];

    /// <param name="words">Behind the program's name, the last one being typed; it may be empty.</param>
    internal static IReadOnlyList<Candidate> Of(RootCommand root, IReadOnlyList<string> words)
    {
        var completion = new Completion(root);
        for (int i = 0; i < words.Count - 1; i++) completion.Take(words[i]);
        return completion.Next(words.Count == 0 ? "" : words[^1]);
    }

    private void Take(string word)
    {
        if (_open is not null) _open = null;
        else if (!_onlyArguments && word == "--") _onlyArguments = true;
        else if (!_onlyArguments && word is ['-', _, ..]) TakeOption(word);
        else if (!_onlyArguments && _arguments == 0 && CommandTable.Subcommands(Command).FirstOrDefault(c => c.Name == word || c.Aliases.Contains(word)) is { } command) _path.Add(command);
        else _arguments++;
    }

    private void TakeOption(string word)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        Option? option = Find(equals < 0 ? word : word[..equals]);
        if (option is null) return;
        _given.Add(option);
        if (equals < 0 && option.Arity.MinimumNumberOfValues > 0) _open = option;
    }

    private List<Candidate> Next(string word)
    {
        if (_open is not null) return Beginning(word, Values(_open.CompletionSources));
        if (_onlyArguments || word is not ['-', ..]) return Beginning(word, Words());
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0) return Beginning(word, CommandTable.AllOptions(_path).Where(o => !_given.Contains(o) || o.Arity.MaximumNumberOfValues > 1).Select(o => new Candidate(o.Name, Line(o.Description))));
        if (Find(word[..equals]) is not { } option) return [];
        string name = word[..(equals + 1)];
        return [.. Beginning(word[(equals + 1)..], Values(option.CompletionSources)).Select(c => c.Word[0] == ':' ? c : c with { Word = name + c.Word })];
    }

    private IEnumerable<Candidate> Words()
    {
        IEnumerable<Candidate> commands = _arguments == 0 && !_onlyArguments ? CommandTable.Subcommands(Command).Select(c => new Candidate(c.Name, HelpText.Brief(c))) : [];
        Argument? argument = Command.Arguments.Where(a => !a.Hidden).ElementAtOrDefault(_arguments) ?? Command.Arguments.LastOrDefault(a => !a.Hidden && a.Arity.MaximumNumberOfValues > 1);
        return argument is null ? commands : commands.Concat(Values(argument.CompletionSources));
    }

    private Option? Find(string name) => CommandTable.AllOptions(_path).FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name));

    /// <summary>In the order of the sources, which the library would sort.</summary>
    private static IEnumerable<Candidate> Values(IEnumerable<Func<CompletionContext, IEnumerable<CompletionItem>>> sources)
        => sources.SelectMany(s => s(CompletionContext.Empty)).Select(i => new Candidate(i.InsertText ?? i.Label, Line(i.Detail)));

    private static List<Candidate> Beginning(string word, IEnumerable<Candidate> candidates) => [.. candidates.Where(c => c.Word[0] == ':' || c.Word.StartsWith(word, StringComparison.Ordinal))];

    /// <summary>A meaning is one line, and a tab ends a word.</summary>
    private static string Line(string? text) => (text ?? "").ReplaceLineEndings(" ").Replace('\t', ' ');
}
