namespace Twill.Cli;

/// <summary>What the process ends with. Documented in `twill --help`.</summary>
internal static class ExitCode
{
    internal const int Ok = 0, Problem = 1, Usage = 2, NotAllowed = 3, NotFound = 4, TimeOut = 5, Internal = 6;

    /// <summary>128 + SIGINT.</summary>
    internal const int Interrupted = 130;
}
