using System.Globalization;
using System.Text;
using Twill.Cli;
using Twill.Fabric.Services.Model;
using Twill.Linux.Conntrack;
using Twill.Linux.Route;

namespace Twill.Lab.Calls;

/// <summary>Connections for people and for machines: pure.</summary>
internal static class CallText
{
    internal const string Schema = "twill.dev/ping-service/v1";

    /// <summary>Lines of their own; of more only the sum is told.</summary>
    private const int MaxLines = 20;

    internal static string Draw(CallReport report, Style style)
    {
        var text = new StringBuilder();
        string frontend = new Backend(report.Address, report.Port).ToString(), who = report.To == frontend ? frontend : $"{report.To} ({frontend})";
        foreach (CallResult result in report.Results.Take(MaxLines))
        {
            text.Append(result.Millis is { } millis
                ? $" {style.Good("pong")} {who}  {(result.Endpoint is { } pod ? $"{pod} " : "")}{Ms(millis)} ms   {Way(result, style)}\n"
                : $" {style.Bad("lost")} {who}  {result.Error ?? "no answer"}\n");
        }

        text.Append($" {report.Results.Count} sent, {report.Back} back");
        string[] shares = [.. report.Results.Where(r => r.Millis is not null).GroupBy(r => r.Endpoint ?? "somebody").OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key} {g.Count()}")];
        if (shares.Length > 0) text.Append("  |  ").AppendJoin(", ", shares);
        text.Append('\n');
        if (report.Hint is { } hint) text.Append($" {hint}\n");
        return text.ToString();
    }

    /// <summary>"node1: to 10.96.0.1:80 → 10.244.2.2:80, from 10.244.1.2 unchanged".</summary>
    private static string Way(CallResult result, Style style)
    {
        if (result is not { Translator: { } node, Flow: { } flow }) return "no NAT";
        ConntrackTuple asked = flow.Original, answers = flow.Reply;
        string to = End(asked.Target, asked.TargetPort) == End(answers.Source, answers.SourcePort) ? "destination unchanged" : $"to {End(asked.Target, asked.TargetPort)} {style.Arrow} {End(answers.Source, answers.SourcePort)}";
        string from = asked.Source == answers.Target ? $"from {asked.Source} unchanged" : $"from {asked.Source} {style.Arrow} {answers.Target}";
        return $"{node}: {to}, {from}";
    }

    internal static string Json(CallReport report) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", Schema);
        json.WriteString("from", report.From);
        json.WriteString("to", report.To);
        json.WriteString("address", report.Address.ToString());
        json.WriteNumber("port", report.Port);
        json.WriteNumber("sent", report.Results.Count);
        json.WriteNumber("back", report.Back);
        json.WriteStartArray("results");
        foreach (CallResult result in report.Results)
        {
            json.WriteStartObject();
            if (result.Millis is { } millis) json.WriteNumber("rttMs", Math.Round(millis, 3));
            else json.WriteNull("rttMs");
            json.WriteString("endpoint", result.Endpoint);
            json.WriteString("translatedBy", result.Translator);
            if (result.Flow is { } flow)
            {
                json.WriteString("destination", End(flow.Reply.Source, flow.Reply.SourcePort));
                json.WriteString("source", flow.Original.Source.ToString());
                json.WriteString("seenAs", flow.Reply.Target.ToString());
            }

            if (result.Error is { } error) json.WriteString("error", error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("hint", report.Hint);
    });

    private static string End(IpAddress address, ushort port) => new Backend(address, port).ToString();

    private static string Ms(double millis) => millis.ToString("0.00", CultureInfo.InvariantCulture);
}
