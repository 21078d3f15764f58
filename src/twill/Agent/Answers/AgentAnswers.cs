using System.Globalization;
using Twill.Agent.Http;
using Twill.Agent.Journal;
using Twill.Agent.Metrics;
using Twill.Agent.View;
using Twill.Linux.Sys;

namespace Twill.Agent.Answers;

/// <summary>What the agent says to which path.</summary>
internal sealed class AgentAnswers(Func<NodeFacts> facts, Func<KernelView> kernel, EventJournal journal, RepairTally repairs, RunTally runs)
{
    /// <summary>A long poll ends after this at the latest, empty; the asker asks again.</summary>
    private static readonly TimeSpan s_longPoll = TimeSpan.FromSeconds(25);

    /// <summary>Over the socket: everything.</summary>
    internal async ValueTask<HttpAnswer> OverSocket(string path, CancellationToken token)
    {
        try
        {
            return await Answer(path, token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is LinuxException or IOException)
        {
            return Refused(e);
        }
    }

    /// <summary>Over TCP: what a monitoring system asks for.</summary>
    internal ValueTask<HttpAnswer> OverTcp(string path, CancellationToken token)
    {
        try
        {
            return ValueTask.FromResult(OfHealth(path));
        }
        catch (Exception e) when (e is LinuxException or IOException)
        {
            return ValueTask.FromResult(Refused(e));
        }
    }

    private static HttpAnswer Refused(Exception e) => HttpAnswer.Text($"the kernel cannot be asked now: {e.Message}; ask again\n", 503);

    private async ValueTask<HttpAnswer> Answer(string path, CancellationToken token)
    {
        (string name, string query) = path.IndexOf('?', StringComparison.Ordinal) is > 0 and int at ? (path[..at], path[(at + 1)..]) : (path, "");
        switch (name)
        {
            case "/status": return HttpAnswer.Json(AgentJson.Status(facts()));
            case "/services": return HttpAnswer.Json(ServiceJson.Services(facts()));
            case "/nodes": return HttpAnswer.Json(AgentJson.Nodes(facts()));
            case "/router": return HttpAnswer.Json(AgentJson.Router(facts()));
            case "/events":
                long after = Number(query, "after") ?? 0;
                return HttpAnswer.Json(AgentJson.Events(Number(query, "wait") == 0 ? journal.After(after) : await journal.WaitAfter(after, s_longPoll, token).ConfigureAwait(false)));
            default: return OfHealth(name);
        }
    }

    private HttpAnswer OfHealth(string path)
    {
        switch (path)
        {
            case "/metrics": return HttpAnswer.Text(AgentMetrics.Text(facts(), kernel(), repairs, runs, ProcessFigures.Read())) with { ContentType = PrometheusText.ContentType };
            case "/healthz": return HttpAnswer.Text("ok\n");
            case "/readyz":
                NodeFacts now = facts();
                return now.Ready ? HttpAnswer.Text("ready\n") : HttpAnswer.Text($"not ready: {string.Join("; ", now.Problems)}\n", 503);
            default: return HttpAnswer.NotFound(path);
        }
    }

    private static long? Number(string query, string name)
    {
        foreach (string pair in query.Split('&'))
        {
            if (pair.StartsWith($"{name}=", StringComparison.Ordinal) && long.TryParse(pair.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long number)) return number;
        }

        return null;
    }
}
