using Twill.Cli;
using Twill.Fabric.Services.Apply;

namespace Twill.Agent.View;

/// <summary>Services for machines. Fields are only added; docs/schema has the form.</summary>
internal static class ServiceViewJson
{
    /// <param name="only">Null: all; else the one.</param>
    internal static string Of(ServiceReport report, string? only = null) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", "twill.dev/services/v1");
        json.WriteString("source", report.Agent is null ? "kernel" : "agent");
        json.WriteBoolean("present", report.Kernel.Present);
        json.WriteBoolean("whole", report.Kernel.Whole);
        JsonAnswer.Strings(json, "problems", report.Problems);
        json.WriteStartArray("services");
        foreach (IGrouping<string, FrontendState> service in report.Services.Where(s => only is null || s.Key == only))
        {
            json.WriteStartObject();
            json.WriteString("service", service.Key);
            json.WriteStartArray("frontends");
            foreach (FrontendState frontend in service)
            {
                json.WriteStartObject();
                json.WriteString("frontend", frontend.Key.ToString());
                json.WriteString("name", frontend.Name);
                json.WriteBoolean("inside", frontend.Inside);
                json.WriteString("way", ServiceViewText.Way(frontend));
                JsonAnswer.Strings(json, "endpoints", frontend.Backends.Select(b => b.ToString()));
                json.WriteNumber("connections", frontend.Hits);
                if (report.Announcer(frontend.Key.Address) is { Length: > 0 } announcer) json.WriteString("announced", announcer);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            foreach (string field in (string[])["endpoints", "denied"])
            {
                json.WritePropertyName(field);
                if (report.Known(service.Key) is { } known) known.GetProperty(field).WriteTo(json);
                else json.WriteNullValue();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
