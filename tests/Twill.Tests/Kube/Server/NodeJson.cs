using System.Text.Json.Nodes;

namespace Twill.Tests.Kube.Server;

/// <summary>Node objects of the size that kubelets make them, 3 kB, with what we keep in between.</summary>
internal static class NodeJson
{
    internal static string Name(int index) => $"node-{index:0000}";

    internal static string Of(string name, ulong version, int index, int heartbeat = 0, string? zone = "a", bool deleting = false)
    {
        var images = string.Join(",", Enumerable.Range(0, 12).Select(i => $$"""{"names":["registry.example/app-{{i}}@sha256:{{new string('0', 64)}}"],"sizeBytes":{{i + 1000000}}}"""));
        return $$$$"""
            {"kind":"Node","apiVersion":"v1","metadata":{"name":"{{{{name}}}}","uid":"0000-{{{{index}}}}","resourceVersion":"{{{{version}}}}","creationTimestamp":"2026-01-01T00:00:00Z",{{{{(deleting ? "\"deletionTimestamp\":\"2026-01-02T00:00:00Z\"," : "")}}}}"labels":{"kubernetes.io/hostname":"{{{{name}}}}","topology.kubernetes.io/region":"r1"{{{{(zone is null ? "" : $",\"topology.kubernetes.io/zone\":\"{zone}\"")}}}}},"annotations":{"note":"line\nbreak \"quoted\" é"},"managedFields":[{"manager":"kubelet","fieldsV1":{"f:status":{"f:conditions":{"a":1 } } } }]},"spec":{"podCIDR":"10.{{{{index / 250}}}}.{{{{index % 250}}}}.0/24","podCIDRs":["10.{{{{index / 250}}}}.{{{{index % 250}}}}.0/24","fd00:{{{{index:x}}}}::/64"],"providerID":"x://{{{{name}}}}"},"status":{"capacity":{"cpu":"4","memory":"8Gi"},"conditions":[{"type":"Ready","status":"True","lastHeartbeatTime":"{{{{heartbeat}}}}"}],"addresses":[{"type":"InternalIP","address":"192.168.{{{{index / 250}}}}.{{{{index % 250}}}}"},{"address":"fd01::{{{{index:x}}}}","type":"InternalIP"},{"type":"ExternalIP","address":"203.0.113.{{{{index % 250}}}}"},{"type":"Hostname","address":"{{{{name}}}}"}],"images":[{{{{images}}}}]}}
            """.ReplaceLineEndings("");
    }

    /// <summary>The same, taken apart by another reader.</summary>
    internal static (string[] Cidrs, string[] Internal, string? Zone, bool Deleting) Expected(string json)
    {
        var node = JsonNode.Parse(json)!;
        return (node["spec"]!["podCIDRs"]!.AsArray().Select(n => (string)n!).ToArray(),
            node["status"]!["addresses"]!.AsArray().Where(a => (string)a!["type"]! == "InternalIP").Select(a => (string)a!["address"]!).ToArray(),
            (string?)node["metadata"]!["labels"]!["topology.kubernetes.io/zone"],
            node["metadata"]!["deletionTimestamp"] is not null);
    }
}
