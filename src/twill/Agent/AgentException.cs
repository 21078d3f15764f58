using Twill.Cli;

namespace Twill.Agent;

/// <summary>The agent, or a command about this node, cannot do what was asked: what, on which object, why, what to do.</summary>
internal sealed class AgentException(int exitCode, string message) : Exception(message)
{
    internal AgentException(string message)
        : this(ExitCode.Problem, message)
    {
    }

    /// <summary>Of <see cref="ExitCode"/>.</summary>
    internal int Code { get; } = exitCode;
}
