namespace Twill.Caller;

/// <summary>How one plugin of the list answered one call.</summary>
/// <param name="Position">From 1, in the order of the list.</param>
/// <param name="Code">The error object's code; 0 on success, -1 where there is no error object.</param>
/// <param name="Message">The error object's msg and details; else what it left on stderr.</param>
internal sealed record PluginAnswer(string Verb, string Type, string Path, int Position, TimeSpan Time, int ExitCode, int Code, string Message)
{
    internal bool Ok => ExitCode == 0;
}
