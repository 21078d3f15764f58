using System.Globalization;
using System.Text.Json;

namespace Twill.Kube;

/// <summary>A Lease: who holds what until when. Kubernetes promises that of two writers from one version only one wins.</summary>
/// <remarks>
/// Do not compare <see cref="RenewTime"/> with a clock of one's own: remember when one saw it change, by a monotonic clock, and
/// count <see cref="Duration"/> from there. Source: k8s.io/api/coordination/v1, Lease; client-go tools/leaderelection.
/// </remarks>
public sealed record KubeLease
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>spec.holderIdentity; empty: nobody.</summary>
    public string Holder { get; init; } = "";

    public TimeSpan Duration { get; init; }

    public DateTimeOffset? AcquireTime { get; init; }

    public DateTimeOffset? RenewTime { get; init; }

    /// <summary>How often the holder has changed.</summary>
    public int Transitions { get; init; }

    /// <summary>The leases of one namespace; null: of all.</summary>
    public static KubeResource<KubeLease> Resource(string? space) =>
        new("coordination.k8s.io", "v1", "leases", true, static () => new KubeLeaseReader()) { Namespace = space };

    /// <param name="version">The version that the change begins from; null for a new lease.</param>
    internal byte[] ToJson(ulong? version)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion"u8, "coordination.k8s.io/v1"u8);
            json.WriteString("kind"u8, "Lease"u8);
            json.WriteStartObject("metadata"u8);
            json.WriteString("name"u8, Name);
            json.WriteString("namespace"u8, Namespace);
            if (version is { } from)
                json.WriteString("resourceVersion"u8, from.ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteStartObject("spec"u8);
            json.WriteString("holderIdentity"u8, Holder);
            // The server wants it positive or absent.
            if (Duration >= TimeSpan.FromSeconds(1))
                json.WriteNumber("leaseDurationSeconds"u8, (int)Duration.TotalSeconds);
            else
                json.WriteNull("leaseDurationSeconds"u8);
            WriteTime(json, "acquireTime"u8, AcquireTime);
            WriteTime(json, "renewTime"u8, RenewTime);
            json.WriteNumber("leaseTransitions"u8, Transitions);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } at)
            json.WriteString(name, at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        else
            json.WriteNull(name);
    }
}
