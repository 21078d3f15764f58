using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Twill.Agent.Http;
using Twill.Cli;
using Twill.Plugin;

namespace Twill.Agent.View;

/// <summary>Asks the agent of this node.</summary>
internal sealed class AgentClient(string socket)
{
    /// <summary>For an answer that is ready; milliseconds.</summary>
    private const int QuickMs = 3000;

    /// <summary>For a long poll, which the agent ends after 25 s; milliseconds.</summary>
    private const int LongMs = 40_000;

    /// <returns>Null: no agent runs.</returns>
    internal JsonDocument? Status() => Get("/status", QuickMs);

    /// <inheritdoc cref="Status"/>
    internal JsonDocument? Nodes() => Get("/nodes", QuickMs);

    /// <inheritdoc cref="Status"/>
    internal JsonDocument? Services() => Get("/services", QuickMs);

    /// <inheritdoc cref="Status"/>
    internal JsonDocument? Router() => Get("/router", QuickMs);

    /// <summary>What happened after an event; waits where nothing has yet.</summary>
    /// <inheritdoc cref="Status"/>
    internal JsonDocument? Events(long after, bool wait) => Get(string.Create(CultureInfo.InvariantCulture, $"/events?after={after}{(wait ? "" : "&wait=0")}"), wait ? LongMs : QuickMs);

    /// <exception cref="AgentException">It listens and does not answer, or not what was asked for, or we may not ask.</exception>
    private JsonDocument? Get(string path, int timeoutMs)
    {
        try
        {
            if (LocalClient.Get(socket, path, timeoutMs) is not { } answer) return null;
            return answer.Status == 200 ? JsonDocument.Parse(answer.Body) : throw new AgentException($"the agent on {socket} answers GET {path} with {answer.Status}: {Encoding.UTF8.GetString(answer.Body.Span).Trim()}; is it another version? {AboutText.Version} asks");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new AgentException(ExitCode.NotAllowed, $"only root may ask the agent on {socket}: sudo twill ...");
        }
        catch (Exception e) when (e is IOException or JsonException or SocketException)
        {
            throw new AgentException(ExitCode.TimeOut, e.Message);
        }
    }
}
