using System.Text.Json;
using Twill.Cli;

namespace Twill.Agent.View;

/// <summary>What the commands about this node print with -o json. Fields are only added; docs/schema has the forms.</summary>
internal static class ViewJson
{
    internal static string Status(StatusReport report) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", "twill.dev/status/v1");
        json.WriteString("source", report.Agent is null ? "kernel" : "agent");
        json.WritePropertyName("agent");
        if (report.Agent is { } agent) agent.WriteTo(json);
        else json.WriteNullValue();
        json.WriteStartObject("cni");
        json.WriteString("directory", report.Kernel.Cni.Directory);
        json.WriteString("list", report.ListPath);
        json.WriteBoolean("written", report.Kernel.Cni.Ours is not null);
        json.WriteBoolean("first", report.Kernel.Cni.OursIsFirst);
        json.WriteEndObject();
        json.WriteStartArray("bridges");
        foreach (BridgeUse bridge in report.Kernel.Bridges)
        {
            json.WriteStartObject();
            json.WriteString("name", bridge.Name);
            JsonAnswer.Strings(json, "addresses", bridge.Addresses.Select(a => a.ToString()));
            json.WriteNumber("mtu", bridge.Mtu);
            json.WriteBoolean("up", bridge.IsUp);
            json.WriteNumber("ports", bridge.Ports);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("pods", report.Kernel.Pods.Count);
        Subnets(json, report.Kernel.Subnets);
        json.WriteNumber("routes", report.Kernel.Routes.Count);
        json.WriteBoolean("forwardsIPv4", report.Kernel.ForwardsV4);
        json.WriteBoolean("forwardsIPv6", report.Kernel.ForwardsV6);
        JsonAnswer.Strings(json, "tables", report.Kernel.Tables);
        JsonAnswer.Strings(json, "problems", report.Problems);
    });

    internal static string Nodes(IReadOnlyList<NodeLine> nodes, bool fromAgent) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", "twill.dev/nodes/v1");
        json.WriteString("source", fromAgent ? "agent" : "kernel");
        json.WriteStartArray("nodes");
        foreach (NodeLine node in nodes)
        {
            json.WriteStartObject();
            json.WriteString("name", node.Name);
            JsonAnswer.Strings(json, "addresses", node.Addresses);
            JsonAnswer.Strings(json, "blocks", node.Blocks);
            json.WriteString("way", node.Way);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    internal static string Routes(IReadOnlyList<RouteUse> routes, Func<RouteUse, string> nodeOf) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", "twill.dev/routes/v1");
        json.WriteStartArray("routes");
        foreach (RouteUse route in routes)
        {
            json.WriteStartObject();
            json.WriteString("destination", route.Destination.ToString());
            json.WriteString("node", nodeOf(route));
            if (route.Via is { } via) json.WriteString("via", via.ToString());
            else json.WriteNull("via");
            json.WriteString("device", route.Device);
            json.WriteString("way", route.Tunnel ? "tunnel" : "direct");
            json.WriteBoolean("up", route.IsUp);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    internal static string Pods(IReadOnlyList<PodUse> pods) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", "twill.dev/pods/v1");
        json.WriteStartArray("pods");
        foreach (PodUse pod in pods)
        {
            json.WriteStartObject();
            json.WriteString("name", pod.Pod);
            json.WriteString("container", pod.Container);
            json.WriteString("network", pod.Network);
            json.WriteString("interface", pod.IfName);
            json.WriteString("hostInterface", pod.Host);
            JsonAnswer.Strings(json, "addresses", pod.Addresses);
            json.WriteString("bridge", pod.Bridge ?? "");
            json.WriteBoolean("up", pod.IsUp);
            json.WriteNumber("mtu", pod.Mtu);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    internal static string Ipam(KernelView kernel) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", "twill.dev/ipam/v1");
        Subnets(json, kernel.Subnets);
        json.WriteStartArray("addresses");
        foreach (PodUse pod in kernel.Pods)
        {
            foreach (string address in pod.Addresses)
            {
                json.WriteStartObject();
                json.WriteString("address", address);
                json.WriteString("pod", pod.Pod);
                json.WriteString("network", pod.Network);
                json.WriteString("hostInterface", pod.Host);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    });

    internal static string Who(string word, IReadOnlyList<AddressAnswer> answers) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", "twill.dev/ipam-who/v1");
        json.WriteString("asked", word);
        json.WriteStartArray("answers");
        foreach (AddressAnswer answer in answers)
        {
            json.WriteStartObject();
            json.WriteString("address", answer.Address.ToString());
            json.WriteString("state", answer.State);
            json.WriteString("pod", answer.Pod?.Pod ?? "");
            json.WriteString("network", answer.Pod?.Network ?? "");
            json.WriteString("interface", answer.Pod?.IfName ?? "");
            json.WriteString("hostInterface", answer.Pod?.Host ?? "");
            json.WriteString("container", answer.Pod?.Container ?? "");
            json.WriteString("node", answer.Node);
            json.WriteString("text", answer.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static void Subnets(Utf8JsonWriter json, IReadOnlyList<SubnetUse> subnets)
    {
        json.WriteStartArray("subnets");
        foreach (SubnetUse use in subnets)
        {
            json.WriteStartObject();
            json.WriteString("bridge", use.Bridge);
            json.WriteString("subnet", use.Subnet.ToString());
            json.WriteNumber("used", use.Used);
            json.WriteNumber("free", use.Free);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
