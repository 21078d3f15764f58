using System.CommandLine;

namespace Twill.Cli;

/// <summary>An argument with a few fixed values. Completion and errors tell them; the description should, too.</summary>
internal sealed class ChoiceArgument : Argument<string>
{
    internal ChoiceArgument(string name, string description, params string[] choices)
        : base(name)
    {
        Description = description;
        foreach (string choice in choices) CompletionSources.Add(choice);
        Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (ChoiceOption.Fault(token.Value, choices) is { } fault) result.AddError($"{name} {fault}");
            }
        });
    }
}
