using System.CommandLine;

namespace Twill.Cli;

/// <summary>An option with a few fixed values, the first being the default. Help, completion and errors tell them.</summary>
internal class ChoiceOption : Option<string>
{
    internal ChoiceOption(string name, string[] aliases, string description, params string[] choices)
        : base(name, aliases)
    {
        Description = description;
        HelpName = string.Join('|', choices);
        Choices = choices;
        DefaultValueFactory = _ => choices[0];
        foreach (string choice in choices) CompletionSources.Add(choice);
        Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (Fault(token.Value, choices) is { } fault) result.AddError($"{name} {fault}");
            }
        });
    }

    internal IReadOnlyList<string> Choices { get; }

    /// <returns>Null: it is one of them.</returns>
    internal static string? Fault(string word, string[] choices)
        => choices.Contains(word, StringComparer.Ordinal) ? null : $"{word}: expected {string.Join(" or ", choices)}{(Typo.Nearest(word, choices) is { } near ? $"; did you mean \"{near}\"?" : "")}";
}
