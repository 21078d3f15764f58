using System.Text;
using Twill.Agent.Http;
using Twill.Linux.Sys;

namespace Twill.Agent;

/// <summary>At most one agent works on a node: a name that the kernel keeps for as long as its process lives, one for each network namespace.</summary>
internal static class OneAgent
{
    internal const string MarkName = "twill:agent";

    /// <summary>Of a command line, characters that are told.</summary>
    private const int MaxCommandLine = 200;

    /// <exception cref="AgentException">There is one; which.</exception>
    internal static Descriptor Begin(string socket)
    {
        if (LiveMark.TryHold(MarkName) is { } mark) return mark;
        string who = UnixPeer.OwnerOf(socket) is { } pid ? $"process {pid} ({CommandLineOf(pid)}), which listens on {socket}" : $"it does not listen on {socket}; `ss -xap | grep {MarkName}` tells its process";
        throw new AgentException($"another agent works on this node: {who}; two would undo each other's work: stop that one first (systemctl stop twill)");
    }

    /// <summary>As `ps` shows it.</summary>
    internal static string CommandLineOf(int pid)
    {
        try
        {
            string text = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/cmdline")).TrimEnd('\0').Replace('\0', ' ');
            return text.Length > MaxCommandLine ? $"{text[..MaxCommandLine]}..." : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "it ended meanwhile";
        }
    }
}
