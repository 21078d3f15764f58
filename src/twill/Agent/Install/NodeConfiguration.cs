using System.Text;
using System.Text.Json;
using Twill.Linux.Route;

namespace Twill.Agent.Install;

/// <summary>The CNI configuration list that makes this node's runtime call us: a pure function of what the agent knows.</summary>
internal sealed record NodeConfiguration
{
    /// <summary>Runtimes take the first file by name; other plugins' leftovers begin with 10 (ux.md: flannel, calico, weave).</summary>
    internal const string FileName = "05-twill.conflist";

    internal const string DefaultDirectory = "/etc/cni/net.d";

    /// <summary>For runtimes that do not know the list of versions, and take this one literally: containerd 1.6, podman 4.3.</summary>
    internal const string VersionForAll = "0.4.0";

    private static readonly string[] s_versions = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"];

    internal string Network { get; init; } = "pods";

    internal required string Bridge { get; init; }

    /// <summary>This node's blocks, one of each family at most.</summary>
    internal required IReadOnlyList<IpPrefix> Blocks { get; init; }

    /// <summary>Bytes; what pods' packets may have on every way they can take.</summary>
    internal required int Mtu { get; init; }

    /// <summary>Bytes that pods' interfaces take in one piece.</summary>
    internal int GsoMaxSize { get; init; } = Segments.UsualMax;

    /// <remarks>No ipMasq: the agent masquerades for the whole node, with the cluster's exceptions, and knows when they change.</remarks>
    internal string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("cniVersion", VersionForAll);
            json.WriteStartArray("cniVersions");
            foreach (string version in s_versions) json.WriteStringValue(version);
            json.WriteEndArray();
            json.WriteString("name", Network);
            json.WriteStartArray("plugins");
            json.WriteStartObject();
            json.WriteString("type", "twill");
            json.WriteString("bridge", Bridge);
            json.WriteBoolean("isDefaultGateway", true);
            json.WriteNumber("mtu", Mtu);
            if (GsoMaxSize != Segments.UsualMax) json.WriteNumber("gsoMaxSize", GsoMaxSize);
            json.WriteBoolean("hairpinMode", true);
            json.WriteStartObject("capabilities");
            foreach (string capability in (string[])["ips", "mac", "ipRanges", "bandwidth", "dns", "portMappings"]) json.WriteBoolean(capability, true);
            json.WriteEndObject();
            json.WriteStartObject("ipam");
            json.WriteString("type", "twill");
            json.WriteStartArray("ranges");
            foreach (IpPrefix block in Blocks)
            {
                json.WriteStartArray();
                json.WriteStartObject();
                json.WriteString("subnet", block.ToString());
                json.WriteEndObject();
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}
