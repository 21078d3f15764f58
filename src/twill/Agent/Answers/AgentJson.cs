using System.Text.Json;
using Twill.Agent.Journal;
using Twill.Agent.Services;
using Twill.Cli;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Route;
using Twill.Plugin;

namespace Twill.Agent.Answers;

/// <summary>The agent's JSON. Fields are only added; docs/schema has the forms.</summary>
internal static class AgentJson
{
    internal const string StatusSchema = "twill.dev/agent-status/v1", NodesSchema = "twill.dev/agent-nodes/v1", EventsSchema = "twill.dev/agent-events/v1", RouterSchema = "twill.dev/agent-router/v1";

    internal static string Status(NodeFacts facts) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", StatusSchema);
        json.WriteString("version", AboutText.Version);
        json.WriteString("node", facts.Settings.Node);
        json.WriteNumber("pid", facts.ProcessId);
        json.WriteNumber("uptimeSeconds", facts.Uptime);
        json.WriteBoolean("ready", facts.Ready);
        json.WriteStartObject("source");
        json.WriteString("name", facts.SourceName);
        json.WriteBoolean("connected", facts.Reading is { Problem: null, Items: not null });
        json.WriteNumber("sinceSeconds", facts.SourceSince);
        json.WriteString("revision", facts.Reading.Revision);
        WriteOptional(json, "problem", facts.Reading.Problem);
        json.WriteNumber("nodes", facts.Reading.Items?.Count ?? 0);
        json.WriteEndObject();
        json.WriteString("backend", facts.Settings.Backend);
        json.WriteString("underlay", facts.Underlay);
        WriteOptional(json, "podMtu", facts.Frame?.PodMtu);
        json.WriteString("podMtuWhy", facts.Frame?.PodMtuWhy ?? "");
        WriteOptional(json, "podGsoMaxSize", facts.Frame?.PodGsoMaxSize);
        json.WriteString("podGsoWhy", facts.Frame?.PodGsoWhy ?? "");
        json.WriteString("network", facts.Settings.Network);
        json.WriteString("bridge", facts.Settings.Bridge);
        json.WriteString("cniList", facts.ListPath);
        Prefixes(json, "blocks", facts.Self?.PodBlocks ?? []);
        json.WriteStartObject("counters");
        json.WriteNumber("passes", facts.Counters.Passes);
        json.WriteNumber("writes", facts.Counters.Writes);
        json.WriteNumber("applied", facts.Counters.Applied);
        json.WriteNumber("repairs", facts.Counters.Repairs);
        json.WriteNumber("held", facts.Counters.Held);
        json.WriteNumber("failures", facts.Counters.Failures);
        json.WriteNumber("overruns", facts.Counters.Overruns);
        json.WriteNumber("audits", facts.Counters.Audits);
        json.WriteEndObject();
        WriteServices(json, facts.Services);
        json.WriteNumber("lastEvent", facts.LastEvent);
        json.WriteStartArray("problems");
        foreach (string problem in facts.Problems) json.WriteStringValue(problem);
        json.WriteEndArray();
    });

    private static void WriteServices(Utf8JsonWriter json, ServiceFacts? services)
    {
        json.WriteStartObject("services");
        json.WriteBoolean("on", services is not null);
        json.WriteBoolean("inPlace", services is { InPlace: true });
        json.WriteNumber("count", services?.Reading.Items?.Count ?? 0);
        json.WriteNumber("repairs", services?.Counters.Repairs ?? 0);
        WriteOptional(json, "problem", services?.Reading.Problem);
        json.WriteEndObject();
    }

    /// <summary>What a router beside the nodes has to know.</summary>
    internal static string Router(NodeFacts facts) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", RouterSchema);
        json.WriteStartArray("routes");
        foreach (RouterRoute route in RouterPlan.Of(facts.Reading.Items ?? [], facts.Services?.Plan?.Order ?? []))
        {
            json.WriteStartObject();
            json.WriteString("destination", route.Destination.ToString());
            json.WriteString("of", route.Of);
            json.WriteStartArray("via");
            foreach (RouterHop hop in route.Hops)
            {
                json.WriteStartObject();
                json.WriteString("node", hop.Node);
                json.WriteString("address", hop.Address.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    internal static string Nodes(NodeFacts facts) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", NodesSchema);
        json.WriteString("node", facts.Settings.Node);
        json.WriteStartArray("nodes");
        var routes = new Dictionary<IpPrefix, NodeRoute>();
        foreach (NodeRoute route in facts.Whole()?.Routes ?? []) routes[route.Destination] = route;
        foreach (ClusterNode node in facts.Reading.Items ?? [])
        {
            json.WriteStartObject();
            json.WriteString("name", node.Name);
            Prefixes(json, "addresses", node.Addresses);
            Prefixes(json, "blocks", node.PodBlocks);
            json.WriteString("way", WayTo(facts, routes, node));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    internal static string Events(IReadOnlyList<JournalEntry> entries) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", EventsSchema);
        json.WriteStartArray("events");
        foreach (JournalEntry entry in entries)
        {
            json.WriteStartObject();
            json.WriteNumber("number", entry.Sequence);
            json.WriteString("at", entry.At);
            json.WriteString("kind", entry.Kind);
            json.WriteString("text", entry.Text);
            WriteOptional(json, "by", entry.By);
            if (entry.Ms is { } ms) json.WriteNumber("ms", Math.Round(ms, 1));
            else json.WriteNull("ms");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <returns>"self", "direct", "tunnel", or "none": the node is refused, or has no block.</returns>
    private static string WayTo(NodeFacts facts, Dictionary<IpPrefix, NodeRoute> routes, ClusterNode node)
    {
        if (node.Name == facts.Settings.Node) return "self";
        foreach (IpPrefix block in node.PodBlocks)
        {
            if (routes.TryGetValue(block.Network, out NodeRoute? route)) return route.Device is null ? "direct" : "tunnel";
        }

        return facts.Settings.Backend == "router" && facts.Frame is not null ? "router" : "none";
    }

    private static void Prefixes(Utf8JsonWriter json, string name, IReadOnlyList<IpPrefix> prefixes)
    {
        json.WriteStartArray(name);
        foreach (IpPrefix prefix in prefixes) json.WriteStringValue(prefix.ToString());
        json.WriteEndArray();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is null) json.WriteNull(name);
        else json.WriteString(name, value);
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }
}
