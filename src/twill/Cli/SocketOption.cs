using System.CommandLine;
using Twill.Agent;

namespace Twill.Cli;

/// <summary>--socket: where the agent of this node is asked.</summary>
internal sealed class SocketOption : Option<string>
{
    internal SocketOption()
        : base("--socket")
    {
        Description = "The agent's socket";
        HelpName = "FILE";
        DefaultValueFactory = _ => AgentSettings.DefaultSocket;
        CompletionSources.Add(CompletionNames.Files);
    }
}
