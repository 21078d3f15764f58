using System.Text.Json;
using Twill.Cli;

namespace Twill.Trace;

/// <summary>The same for machines. Fields are only ever added; a change of meaning gets a new schema.</summary>
internal static class TraceJson
{
    internal const string TraceSchema = "twill.dev/trace/v1", WhySchema = "twill.dev/why/v1", PingSchema = "twill.dev/ping/v1";

    internal static string Trace(TraceReport report) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", TraceSchema);
        Body(json, report);
    });

    internal static string Why(WhyReport report) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", WhySchema);
        json.WriteString("from", report.From);
        json.WriteString("to", report.To);
        json.WriteBoolean("works", report.Cause is null);
        json.WriteString("sentence", report.Cause?.Sentence ?? report.Works);
        Cause(json, report.Cause);
        if (report.Size is { } size) json.WriteNumber("size", size);
        else json.WriteNull("size");
        json.WriteBoolean("labMends", report.LabMends);
        JsonAnswer.Strings(json, "notes", report.Notes);
        if (report.Evidence is not { } trace)
        {
            json.WriteNull("trace");
            return;
        }

        json.WriteStartObject("trace");
        Body(json, trace);
        json.WriteEndObject();
    });

    internal static string Ping(PongReport report) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", PingSchema);
        json.WriteString("from", report.Prediction.From.Word);
        json.WriteString("to", report.Prediction.To.Word);
        json.WriteString("toAddress", report.Prediction.Sent.Destination.ToString());
        json.WriteString("path", report.Path);
        json.WriteString("nat", report.Nat);
        json.WriteNumber("mtu", report.Mtu);
        json.WriteNumber("sent", report.Pongs.Count);
        json.WriteNumber("back", report.Back);
        json.WriteString("message", report.Message);
        json.WriteStartArray("pongs");
        foreach (Pong pong in report.Pongs)
        {
            json.WriteStartObject();
            Micros(json, pong.Micros);
            json.WriteStartArray("parts");
            foreach (PathTime part in pong.Parts)
            {
                json.WriteStartObject();
                json.WriteString("place", part.Place);
                json.WriteNumber("micros", Math.Round(part.Micros, 1));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static void Body(Utf8JsonWriter json, TraceReport report)
    {
        Prediction p = report.Prediction;
        json.WriteString("from", p.From.Word);
        json.WriteString("to", p.To.Word);
        json.WriteStartObject("packet");
        json.WriteString("source", p.Sent.Source.ToString());
        json.WriteString("destination", p.Sent.Destination.ToString());
        json.WriteString("protocol", p.Sent.Kind.ToString().ToLowerInvariant());
        json.WriteNumber("sourcePort", p.Sent.SourcePort);
        json.WriteNumber("destinationPort", p.Sent.DestinationPort);
        json.WriteNumber("bytes", p.Sent.Length);
        json.WriteString("token", p.Sent.Token.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteBoolean("sent", report.Seen is not null);
        json.WriteBoolean("predictedToReach", p.Reaches);
        json.WriteBoolean("reaches", report.Reaches);
        json.WriteBoolean("refused", report.Refused);
        json.WriteBoolean("agrees", report.Agrees);
        Micros(json, report.RoundTripMicros);
        Cause(json, p.Cause);
        Rows(json, "there", report.Comparison.There);
        Rows(json, "back", report.Comparison.Back);
        json.WriteStartArray("translations");
        foreach (Translation t in p.Translations)
        {
            json.WriteStartObject();
            json.WriteString("at", t.Namespace);
            json.WriteString("what", t.Words);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        JsonAnswer.Strings(json, "differences", report.Comparison.Differences);
        JsonAnswer.Strings(json, "notUnderstood", [.. p.There.Unknown.Concat(p.Back?.Unknown ?? []).Distinct()]);
        json.WriteString("sendError", report.SendError);
        if (report.Message is { } message)
        {
            json.WriteStartObject("message");
            json.WriteString("from", message.Source.ToString());
            json.WriteString("says", message.Words);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("message");
        }

        JsonAnswer.Strings(json, "ruleDrops", report.Seen?.RuleDrops ?? []);
        JsonAnswer.Strings(json, "dropReasons", report.Seen?.DropReasons ?? []);
        json.WriteString("noDropReasons", report.Seen?.NoDropReasons);
    }

    private static void Cause(Utf8JsonWriter json, Cause? cause)
    {
        if (cause is null)
        {
            json.WriteNull("cause");
            return;
        }

        json.WriteStartObject("cause");
        json.WriteString("kind", char.ToLowerInvariant(cause.Kind.ToString()[0]) + cause.Kind.ToString()[1..]);
        json.WriteString("where", cause.Namespace);
        json.WriteString("sentence", cause.Sentence);
        JsonAnswer.Strings(json, "fix", cause.Fix);
        json.WriteEndObject();
    }

    private static void Rows(Utf8JsonWriter json, string name, IReadOnlyList<HopRow> rows)
    {
        json.WriteStartArray(name);
        foreach (HopRow row in rows)
        {
            json.WriteStartObject();
            json.WriteString("place", row.Hop.Place);
            json.WriteString("where", row.Hop.Where);
            json.WriteString("what", row.Hop.What);
            json.WriteBoolean("predicted", row.Hop.Ok);
            json.WriteString("source", row.Hop.Source.ToString());
            json.WriteString("destination", row.Hop.Destination.ToString());
            json.WriteString("seen", row.Seen switch { Seen.NotAsked => "not asked", Seen.Yes => "yes", Seen.Passed => "passed", Seen.Lost => "lost", _ => "no" });
            Micros(json, row.Micros);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Micros(Utf8JsonWriter json, double? micros)
    {
        if (micros is { } value) json.WriteNumber("micros", Math.Round(value, 1));
        else json.WriteNull("micros");
    }
}
