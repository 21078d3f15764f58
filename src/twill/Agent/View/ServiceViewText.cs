using System.Globalization;
using System.Text;
using System.Text.Json;
using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;

namespace Twill.Agent.View;

/// <summary>Services for people: pure.</summary>
internal static class ServiceViewText
{
    internal static string List(ServiceReport report) => Table.Draw(
        ["SERVICE", "FRONTEND", "ENDPOINTS", "WAY", "CONNECTIONS"],
        report.Services.SelectMany(s => s.Select(f => (IReadOnlyList<string>)[s.Key, $"{f.Key}{Port(f)}", f.Backends.Length.ToString(CultureInfo.InvariantCulture), Way(f), f.Hits.ToString(CultureInfo.InvariantCulture)])));

    internal static string Show(ServiceReport report, string service)
    {
        var text = new StringBuilder($"{service}\n");
        foreach (FrontendState frontend in report.Services.FirstOrDefault(s => s.Key == service)?.AsEnumerable() ?? [])
        {
            text.Append(CultureInfo.InvariantCulture, $"\n {frontend.Key}{Port(frontend)}  {Way(frontend)}, {frontend.Hits} connection{(frontend.Hits == 1 ? "" : "s")}{(report.Announcer(frontend.Key.Address) is { Length: > 0 } announcer ? $", {announcer}" : "")}\n");
            foreach (Backend backend in frontend.Backends) text.Append(CultureInfo.InvariantCulture, $"   {backend}\n");
        }

        if (report.Known(service) is not { } known) return text.ToString();
        if (known.GetProperty("denied").EnumerateArray().Select(d => d.GetString()).ToArray() is { Length: > 0 } denied) text.Append($"\n another service had these first: {string.Join(", ", denied)}\n");
        text.Append("\n endpoints\n");
        foreach (string line in Table.Draw(
            ["ADDRESS", "NODE", "ZONE", "WHY"],
            known.GetProperty("endpoints").EnumerateArray().Select(e => (IReadOnlyList<string>)[$"{e.GetProperty("address").GetString()}{(e.GetProperty("port").GetInt32() is var p and not 0 ? $" port {p}" : "")}", OrDash(e, "node"), OrDash(e, "zone"), e.GetProperty("reason").GetString()!])).TrimEnd('\n').Split('\n')) text.Append("  ").Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>"random", "refused: no endpoint".</summary>
    internal static string Way(FrontendState frontend)
    {
        string inside = frontend.Inside ? " (clients on this node)" : "";
        if (frontend.Chain.Length == 0) return $"dropped: no endpoint on this node{inside}";
        if (frontend.Chain == ServiceTable.Refuse.Name) return $"refused: no endpoint{inside}";
        return SpreadChain.TryParse(frontend.Chain, out SpreadChain spread)
            ? spread.Kind switch
            {
                FrontendKind.Affinity => $"each client's own for {spread.AffinitySeconds} s{inside}",
                FrontendKind.Maglev => $"maglev{inside}",
                FrontendKind.Hash => $"by client and port{inside}",
                _ => $"random{inside}",
            }
            : frontend.Chain;
    }

    private static string Port(FrontendState frontend) => frontend.Name.IndexOf(':', StringComparison.Ordinal) is > 0 and int colon ? $" {frontend.Name[(colon + 1)..]}" : "";

    private static string OrDash(JsonElement element, string field) => element.GetProperty(field).GetString() is { Length: > 0 } text ? text : "-";
}
