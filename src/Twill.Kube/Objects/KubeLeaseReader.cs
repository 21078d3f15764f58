using System.Text.Json;

namespace Twill.Kube;

/// <remarks>Source: k8s.io/api/coordination/v1, Lease.</remarks>
internal sealed class KubeLeaseReader : IKubeReader<KubeLease>
{
    public KubeLease Read(string key, ref Utf8JsonReader json, KubeLease? known)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var lease = new KubeLease { Namespace = known?.Namespace ?? key[..slash], Name = known?.Name ?? key[(slash + 1)..] };
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("spec"u8))
                lease = ReadSpec(ref json, lease, known);
            else
                json.SkipValue();
        }

        return lease.Equals(known) ? known! : lease;
    }

    private static KubeLease ReadSpec(ref Utf8JsonReader json, KubeLease lease, KubeLease? known)
    {
        if (!json.EnterObject())
            return lease;
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("holderIdentity"u8))
                lease = lease with { Holder = json.StringValue(known?.Holder) ?? "" };
            else if (json.ValueTextEquals("leaseDurationSeconds"u8))
                lease = lease with { Duration = TimeSpan.FromSeconds(json.Int32OrZero()) };
            else if (json.ValueTextEquals("acquireTime"u8))
                lease = lease with { AcquireTime = ReadTime(ref json) };
            else if (json.ValueTextEquals("renewTime"u8))
                lease = lease with { RenewTime = ReadTime(ref json) };
            else if (json.ValueTextEquals("leaseTransitions"u8))
                lease = lease with { Transitions = json.Int32OrZero() };
            else
                json.SkipValue();
        }

        return lease;
    }

    private static DateTimeOffset? ReadTime(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Null ? null : json.GetDateTimeOffset();
    }
}
