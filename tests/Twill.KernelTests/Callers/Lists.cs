namespace Twill.KernelTests.Callers;

/// <summary>Config lists of the runner's tests.</summary>
internal static class Lists
{
    /// <summary>Ours alone, in the newest version.</summary>
    internal static string Alone(string name = "pods") => $$"""
        {
          "cniVersion": "1.1.0",
          "name": "{{name}}",
          "plugins": [
            {
              "type": "twill", "bridge": "{{Shipped.Bridge}}", "isDefaultGateway": true,
              "capabilities": { "ips": true, "mac": true },
              "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.88.0.0/24" }]] }
            }
          ]
        }
        """;

    /// <summary>The reference plugins behind us. The Debian ones speak up to 1.0.0.</summary>
    /// <param name="type">"twill" or "bridge".</param>
    internal static string Chained(string name = "pods", string type = "twill", string version = "1.0.0", string dataDir = "", string mac = "0a:00:00:00:00:42") => $$"""
        {
          "cniVersion": "{{version}}",
          "name": "{{name}}",
          "plugins": [
            {
              "type": "{{type}}", "bridge": "{{Shipped.Bridge}}", "isDefaultGateway": true, "hairpinMode": true,
              "capabilities": { "ips": true },
              "ipam": { "type": "host-local", {{(dataDir.Length > 0 ? $"\"dataDir\": \"{dataDir}\", " : "")}}"ranges": [[{ "subnet": "10.88.0.0/24" }]] }
            },
            { "type": "portmap", "capabilities": { "portMappings": true } },
            { "type": "bandwidth", "capabilities": { "bandwidth": true } },
            { "type": "tuning", "sysctl": { "net.core.somaxconn": "500" }, "mac": "{{mac}}" },
            { "type": "firewall", "backend": "iptables" }
          ]
        }
        """;
}
