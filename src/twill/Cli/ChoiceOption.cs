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
                if (choices.Contains(token.Value, StringComparer.Ordinal)) continue;
                string guess = Typo.Nearest(token.Value, choices) is { } near ? $"; did you mean \"{near}\"?" : "";
                result.AddError($"{name} {token.Value}: expected {string.Join(" or ", choices)}{guess}");
            }
        });
    }

    internal IReadOnlyList<string> Choices { get; }
}
