using System.Globalization;
using System.Text.Json;

namespace Twill.Agent.View;

/// <summary>The agent's events as lines: time, kind, sentence.</summary>
internal static class EventText
{
    /// <param name="events">twill.dev/agent-events/v1.</param>
    internal static IEnumerable<string> Lines(JsonElement events)
    {
        foreach (JsonElement one in events.GetProperty("events").EnumerateArray())
            yield return $"{one.GetProperty("at").GetDateTimeOffset().ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {one.GetProperty("kind").GetString(),-8} {one.GetProperty("text").GetString()}";
    }

    /// <summary>Number of the last of them; the one given where there is none.</summary>
    internal static long Last(JsonElement events, long otherwise)
    {
        foreach (JsonElement one in events.GetProperty("events").EnumerateArray()) otherwise = one.GetProperty("number").GetInt64();
        return otherwise;
    }
}
