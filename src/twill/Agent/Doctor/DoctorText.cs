using System.Text;
using System.Text.Json;
using Twill.Cli;
using Twill.Lab;

namespace Twill.Agent.Doctor;

/// <summary>The checks' answers, for people and for programs.</summary>
internal static class DoctorText
{
    internal const string Schema = "twill.dev/doctor/v1";

    internal static string Draw(IReadOnlyList<(DoctorCheck Check, Finding? Finding)> results, Style style)
    {
        var text = new StringBuilder();
        foreach (IGrouping<string, (DoctorCheck Check, Finding? Finding)> group in results.GroupBy(r => r.Check.Group))
        {
            text.Append(' ').Append(group.Key).Append('\n');
            int well = group.Count(r => r.Finding is null);
            if (well > 0) Line(text, style.Good("ok"), $"{well} of {group.Count()} checks", "");
            foreach ((DoctorCheck check, Finding? finding) in group)
            {
                if (finding is null) continue;
                Line(text, finding.IsWarning ? "! " : style.Bad("x "), finding.Reason, check.Id);
                text.Append("        fix: ");
                HelpText.Fill(text, finding.Mending is null ? finding.Fix : $"{finding.Fix} [twill doctor --fix {check.Id}]", 13);
            }
        }

        int errors = results.Count(r => r.Finding is { IsWarning: false }), warnings = results.Count(r => r.Finding is { IsWarning: true }), fixable = results.Count(r => r.Finding?.Mending is not null);
        text.Append(' ').Append($"{results.Count - errors - warnings} passed, {warnings} warnings, {errors} errors.").Append(fixable > 0 ? $" {fixable} can be fixed: twill doctor --fix all\n" : "\n");
        return text.ToString();
    }

    internal static string List()
    {
        var text = new StringBuilder();
        foreach (DoctorCheck check in DoctorChecks.All)
        {
            text.Append($" {check.Id}  {check.Group,-13}  ");
            HelpText.Fill(text, check.Meaning, 24);
        }

        return text.ToString();
    }

    internal static string Json(IReadOnlyList<(DoctorCheck Check, Finding? Finding)> results)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteStartArray("checks");
            foreach ((DoctorCheck check, Finding? finding) in results)
            {
                json.WriteStartObject();
                json.WriteString("id", check.Id);
                json.WriteString("group", check.Group);
                json.WriteString("meaning", check.Meaning);
                json.WriteString("result", finding is null ? "ok" : finding.IsWarning ? "warning" : "error");
                json.WriteString("reason", finding?.Reason ?? "");
                json.WriteString("fix", finding?.Fix ?? "");
                json.WriteBoolean("fixable", finding?.Mending is not null);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Line(StringBuilder text, string mark, string words, string id)
    {
        text.Append("  ").Append(mark).Append("  ");
        HelpText.Fill(text, id.Length > 0 ? $"{words} {id}" : words, 6);
    }
}
