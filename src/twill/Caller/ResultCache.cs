using System.Text.Json;
using Twill.Cni;

namespace Twill.Caller;

/// <summary>Results of ADD, one file each, kept for DEL, CHECK and GC. The files are libcni's, so another runtime's can be read as well.</summary>
/// <remarks>Source: libcni api.go, cachedInfo: kind cniCacheV1, DIRECTORY/results/NETWORK-CONTAINERID-IFNAME.</remarks>
internal sealed class ResultCache(string directory)
{
    internal const string DefaultDirectory = "/var/lib/twill/cni";

    /// <summary>libcni's own default: containerd, CRI-O, podman and Nomad keep their results here.</summary>
    internal const string RuntimesDirectory = "/var/lib/cni";

    private const string Kind = "cniCacheV1";

    private readonly string _results = Path.Combine(directory, "results");

    internal string PathOf(string network, AttachmentRequest request) => Path.Combine(_results, $"{network}-{request.ContainerId}-{request.IfName}");

    internal void Put(NetworkConfigList list, AttachmentRequest request, ReadOnlySpan<byte> result)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("kind", Kind);
            json.WriteString("containerId", request.ContainerId);
            json.WriteString("ifName", request.IfName);
            json.WriteString("networkName", list.Name);
            json.WriteString("netns", request.NetNs);
            if (request.Args.Length > 0) WriteArgs(json, request.Args);
            if (!request.CapabilityArgs.IsEmpty)
            {
                json.WritePropertyName("capabilityArgs");
                json.WriteRawValue(request.CapabilityArgs.Span);
            }

            json.WritePropertyName("result");
            json.WriteRawValue(result);
            json.WriteEndObject();
        }

        Directory.CreateDirectory(_results);
        string path = PathOf(list.Name, request), fresh = Path.Combine(_results, $".{Environment.ProcessId}-{Guid.NewGuid():N}");
        File.WriteAllBytes(fresh, stream.ToArray());
        File.Move(fresh, path, overwrite: true);
    }

    /// <returns>Null where there is none.</returns>
    /// <exception cref="CallerException">Input: the file is damaged.</exception>
    internal CachedAttachment? Get(string network, AttachmentRequest request)
    {
        string path = PathOf(network, request);
        if (!File.Exists(path)) return null;
        return TryRead(path) ?? throw new CallerException(CallerFault.Input, $"the cached result {path} is damaged: `twill cni del --no-cache` frees the attachment without it, then remove the file");
    }

    internal void Remove(string network, AttachmentRequest request)
    {
        if (Directory.Exists(_results)) File.Delete(PathOf(network, request));
    }

    /// <summary>What is cached of a network, sorted; files that are not readable as results are left out.</summary>
    internal IReadOnlyList<CachedAttachment> List(string network)
    {
        if (!Directory.Exists(_results)) return [];
        var list = new List<CachedAttachment>();
        foreach (string path in Directory.GetFiles(_results, $"{network}-*").Order(StringComparer.Ordinal))
        {
            // "pods-a-..." also fits a network named "pods-a": only the file's contents tell.
            if (TryRead(path) is { } cached && cached.Network == network) list.Add(cached);
        }

        return list;
    }

    private static CachedAttachment? TryRead(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement;
            if (Text("kind") != Kind || !root.TryGetProperty("result", out JsonElement result) || result.ValueKind != JsonValueKind.Object) return null;
            return new CachedAttachment(Text("networkName"), Text("containerId"), Text("ifName"), Text("netns") is { Length: > 0 } netns ? netns : Sandbox(result), ReadArgs(root), Raw("capabilityArgs"), Raw("result"));

            string Text(string key) => root.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

            byte[] Raw(string key) => root.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? RawOf(value) : [];
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    /// <summary>libcni before 1.2 did not write the namespace; the result names it, if the plugins spoke 0.3.0 or newer.</summary>
    private static string Sandbox(JsonElement result)
    {
        if (!result.TryGetProperty("interfaces", out JsonElement links) || links.ValueKind != JsonValueKind.Array) return "";
        foreach (JsonElement link in links.EnumerateArray())
        {
            if (link.ValueKind == JsonValueKind.Object && link.TryGetProperty("sandbox", out JsonElement sandbox) && sandbox.ValueKind == JsonValueKind.String && sandbox.GetString() is { Length: > 0 } netns) return netns;
        }

        return "";
    }

    private static byte[] RawOf(JsonElement value) => System.Text.Encoding.UTF8.GetBytes(value.GetRawText());

    /// <summary>"cniArgs": [["K", "V"], ...].</summary>
    private static void WriteArgs(Utf8JsonWriter json, string args)
    {
        json.WriteStartArray("cniArgs");
        foreach (string pair in args.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            json.WriteStartArray();
            json.WriteStringValue(equals < 0 ? pair : pair[..equals]);
            json.WriteStringValue(equals < 0 ? "" : pair[(equals + 1)..]);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static string ReadArgs(JsonElement root)
        => root.TryGetProperty("cniArgs", out JsonElement args) && args.ValueKind == JsonValueKind.Array
            ? string.Join(';', args.EnumerateArray().Where(p => p.ValueKind == JsonValueKind.Array && p.GetArrayLength() == 2).Select(p => $"{p[0].GetString()}={p[1].GetString()}"))
            : "";
}
