using System.Text.Json;
using Twill.Cli;
using Twill.Fabric.Services.Apply;
using Twill.Linux.Route;

namespace Twill.Agent.View;

/// <summary>This node's services: what the kernel does, joined with what the agent knows beyond it.</summary>
/// <param name="Kernel">Frontends, endpoints in use and hits, whoever wrote them.</param>
/// <param name="Agent">twill.dev/agent-services/v1; null: no agent runs.</param>
internal sealed record ServiceReport(ServiceState Kernel, JsonElement? Agent)
{
    /// <exception cref="AgentException">The agent answers something else.</exception>
    internal static ServiceReport Read(AgentClient agent)
    {
        using var keeper = new ServiceKeeper(null);
        using JsonDocument? services = agent.Services();
        return new ServiceReport(keeper.Read(), services?.RootElement.Clone());
    }

    /// <summary>Frontends by service: "default/web".</summary>
    internal IEnumerable<IGrouping<string, FrontendState>> Services => Kernel.Frontends.GroupBy(f => ServiceOf(f.Name), StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal);

    /// <summary>What somebody should look at; empty: nothing.</summary>
    internal IEnumerable<string> Problems
    {
        get
        {
            if (Kernel is { Present: true, Whole: false }) yield return "table inet twill-services is not as Twill makes it: somebody changed its chains or rules; the agent makes it anew (systemctl status twill)";
            if (Agent is { } agent && agent.GetProperty("problem").GetString() is { } problem) yield return $"the agent does not hear of services: {problem}; those it knows go on";
        }
    }

    /// <summary>What the agent says of one service; null: it does not know it, or there is none.</summary>
    internal JsonElement? Known(string service)
    {
        if (Agent is not { } agent) return null;
        foreach (JsonElement one in agent.GetProperty("services").EnumerateArray())
        {
            if ($"{one.GetProperty("namespace").GetString()}/{one.GetProperty("name").GetString()}" == service) return one;
        }

        return null;
    }

    /// <summary>"announced by node2"; empty: no agent says so.</summary>
    internal string Announcer(IpAddress address)
    {
        if (Agent is not { } agent || !agent.TryGetProperty("announced", out JsonElement all)) return "";
        foreach (JsonElement one in all.EnumerateArray())
        {
            if (one.GetProperty("address").GetString() == address.ToString()) return one.GetProperty("here").GetBoolean() ? "announced by this node" : one.GetProperty("holder").GetString() is { } holder ? $"announced by {holder}" : "announced by nobody that this node knows of";
        }

        return "";
    }

    /// <param name="word">NAMESPACE/NAME, or NAME where one namespace alone has it.</param>
    /// <exception cref="AgentException">No service, or several.</exception>
    internal string Find(string word)
    {
        string[] all = [.. Kernel.Frontends.Select(f => ServiceOf(f.Name)).Concat(Agent?.GetProperty("services").EnumerateArray().Select(s => $"{s.GetProperty("namespace").GetString()}/{s.GetProperty("name").GetString()}") ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string[] found = [.. all.Where(s => s == word || s.EndsWith($"/{word}", StringComparison.Ordinal))];
        if (found.Length == 1) return found[0];
        throw found.Length == 0
            ? new AgentException(ExitCode.NotFound, $"this node has no service {word}{(Typo.Nearest(word, all.Concat(all.Select(a => a[(a.IndexOf('/', StringComparison.Ordinal) + 1)..]))) is { } near ? $"; did you mean {near}?" : ": `twill services` lists them")}")
            : new AgentException(ExitCode.Usage, $"several services are called {word}: {string.Join(", ", found)}");
    }

    /// <summary>Without the port's name.</summary>
    internal static string ServiceOf(string name) => name.IndexOf(':', StringComparison.Ordinal) is > 0 and int colon ? name[..colon] : name;
}
