namespace Twill.Cli;

/// <summary>What a command that changes something does with the change.</summary>
internal enum ChangeForm
{
    Do,

    /// <summary>Prints the lines that would be done, and those that would go.</summary>
    DryRun,

    /// <summary>Prints the script that does it by hand.</summary>
    How,
}
