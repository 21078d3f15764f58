using System.Text.Json;
using Twill.Cli;
using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Linux.Route;
using Twill.Topo;

namespace Twill.Lab;

/// <summary>The same for machines. Fields are only ever added; a change of meaning gets a new schema.</summary>
internal static class LabJson
{
    internal const string StatusSchema = "twill.dev/lab-status/v1", PingSchema = "twill.dev/lab-pingall/v1";

    internal static string Status(Topology network, LabSpec? spec = null) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", StatusSchema);
        json.WriteStartArray("nodes");
        foreach (TopologyNode node in network.Nodes) Node(json, node);
        json.WriteEndArray();
        if (network.Router is { } router)
        {
            json.WriteStartObject("router");
            json.WriteString("name", router.Name);
            Prefixes(json, "lan", router.LanAddresses);
            Prefixes(json, "border", router.BorderAddresses);
            Routes(json, router.Routes);
            json.WriteEndObject();
        }

        if (network.Internet is { } internet)
        {
            json.WriteStartObject("internet");
            json.WriteString("name", internet.Name);
            Prefixes(json, "addresses", internet.Addresses);
            json.WriteEndObject();
        }

        json.WriteStartArray("services");
        foreach (LabServiceSpec service in spec?.Services ?? [])
        {
            json.WriteStartObject();
            json.WriteString("name", service.Name);
            JsonAnswer.Strings(json, "addresses", LabServices.Describe(spec!, service).ClusterIps.Select(a => a.ToString()));
            json.WriteNumber("port", service.Port);
            json.WriteNumber("targetPort", service.Target);
            if (service.NodePort > 0) json.WriteNumber("nodePort", service.NodePort);
            if (service.LoadBalancer) JsonAnswer.Strings(json, "loadBalancer", LabServices.LoadBalancers(spec!, service).Select(a => a.ToString()));
            JsonAnswer.Strings(json, "pods", service.Pods);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        JsonAnswer.Strings(json, "problems", network.Problems.Select(p => p.Sentence));
    });

    internal static string PingAll(PingReport report) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", PingSchema);
        json.WriteNumber("family", report.V6 ? 6 : 4);
        json.WriteBoolean("ok", report.Ok);
        json.WriteBoolean("sampled", report.Sampled);
        json.WriteNumber("sent", report.Results.Count);
        json.WriteNumber("reached", report.Results.Count(r => r.Reached));
        json.WriteNumber("wrongSource", report.Results.Count(r => r.WrongSource));
        json.WriteStartArray("results");
        foreach (PingResult r in report.Results)
        {
            json.WriteStartObject();
            json.WriteString("from", r.From.Name);
            json.WriteString("fromAddress", r.From.Address.ToString());
            json.WriteString("to", r.To.Name);
            json.WriteString("toAddress", r.To.Address.ToString());
            if (r.RttMs is { } ms) json.WriteNumber("rttMs", ms);
            else json.WriteNull("rttMs");
            json.WriteString("seenAs", r.SeenAs?.ToString());
            json.WriteString("shouldBeSeenAs", r.ShouldBe.ToString());
            json.WriteBoolean("ok", r.Ok);
            if (r.Error is not null) json.WriteString("error", r.Error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static void Node(Utf8JsonWriter json, TopologyNode node)
    {
        json.WriteStartObject();
        json.WriteString("name", node.Name);
        json.WriteNumber("index", node.Network.Index);
        Prefixes(json, "addresses", node.Addresses);
        json.WriteNumber("mtu", node.Uplink?.Mtu ?? 0);
        if (node.Bridge is { } bridge)
        {
            json.WriteStartObject("bridge");
            json.WriteString("name", bridge.Name);
            Prefixes(json, "addresses", node.BridgeAddresses);
            json.WriteEndObject();
        }

        json.WriteStartArray("pods");
        foreach (TopologyPod pod in node.Pods)
        {
            json.WriteStartObject();
            json.WriteString("name", pod.Name);
            json.WriteString("interface", pod.End?.Name ?? LabAddresses.PodInterface);
            json.WriteString("hostInterface", pod.Host?.Name);
            Prefixes(json, "addresses", pod.Addresses);
            json.WriteString("gateway", pod.Gateways.FirstOrDefault()?.Via.ToString());
            if (pod.Containers.Count > 0) JsonAnswer.Strings(json, "containers", pod.Containers);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Routes(json, node.Routes);
        json.WriteEndObject();
    }

    private static void Routes(Utf8JsonWriter json, IReadOnlyList<TopologyRoute> routes)
    {
        json.WriteStartArray("routes");
        foreach (TopologyRoute route in routes)
        {
            if (route.State.Via is not { } via) continue;
            json.WriteStartObject();
            json.WriteString("destination", route.Destination);
            json.WriteString("via", via.ToString());
            json.WriteString("towards", route.Towards);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Prefixes(Utf8JsonWriter json, string name, IReadOnlyList<IpPrefix> values)
    {
        json.WriteStartArray(name);
        foreach (IpPrefix value in values) json.WriteStringValue(value.ToString());
        json.WriteEndArray();
    }
}
