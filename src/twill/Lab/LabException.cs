using Twill.Cli;

namespace Twill.Lab;

/// <summary>The lab cannot do what was asked: what, on which object, why, what to do.</summary>
internal sealed class LabException(int exitCode, string message) : Exception(message)
{
    internal LabException(string message)
        : this(ExitCode.Problem, message)
    {
    }

    /// <summary>Of <see cref="Cli.ExitCode"/>.</summary>
    internal int Code { get; } = exitCode;
}
