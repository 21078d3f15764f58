using System.CommandLine;

namespace Twill.Cli;

/// <summary>--dry-run and --how, which every command has that changes the lab.</summary>
internal sealed class ChangeOptions(string how = "Print the commands that do it by hand, and do nothing")
{
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Show what would change, and change nothing" };
    private readonly Option<bool> _how = new("--how") { Description = how };

    internal void AddTo(Command command)
    {
        command.Add(_dryRun);
        command.Add(_how);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_dryRun) && result.GetValue(_how)) result.AddError("--dry-run and --how exclude each other: choose one");
        });
    }

    internal ChangeForm Of(ParseResult result) => result.GetValue(_how) ? ChangeForm.How : result.GetValue(_dryRun) ? ChangeForm.DryRun : ChangeForm.Do;
}
