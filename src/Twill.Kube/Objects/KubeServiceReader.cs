using System.Text.Json;

namespace Twill.Kube;

/// <remarks>Source: k8s.io/api/core/v1, Service.</remarks>
internal sealed class KubeServiceReader : IKubeReader<KubeService>
{
    private readonly StringListScratch _clusterIps = new();
    private readonly StringListScratch _externalIps = new();
    private readonly StringListScratch _ingressIps = new();
    private readonly StringListScratch _ranges = new();

    public KubeService Read(string key, ref Utf8JsonReader json, KubeService? known)
    {
        _clusterIps.Begin(known?.ClusterIps);
        _externalIps.Begin(known?.ExternalIps);
        _ingressIps.Begin(known?.IngressIps);
        _ranges.Begin(known?.SourceRanges);
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var service = new KubeService { Namespace = known?.Namespace ?? key[..slash], Name = known?.Name ?? key[(slash + 1)..] };
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("metadata"u8))
                service = ReadMetadata(ref json, service, known);
            else if (json.ValueTextEquals("spec"u8))
                service = ReadSpec(ref json, service, known);
            else if (json.ValueTextEquals("status"u8))
                ReadStatus(ref json);
            else
                json.SkipValue();
        }

        service = service with { ClusterIps = _clusterIps.End(), ExternalIps = _externalIps.End(), IngressIps = _ingressIps.End(), SourceRanges = _ranges.End() };
        return service.Equals(known) ? known! : service;
    }

    private static KubeService ReadMetadata(ref Utf8JsonReader json, KubeService service, KubeService? known)
    {
        if (!json.EnterObject())
            return service;
        while (json.NextProperty())
        {
            if (!json.ValueTextEquals("annotations"u8))
            {
                json.SkipValue();
                continue;
            }

            if (!json.EnterObject())
                continue;
            while (json.NextProperty())
            {
                if (json.ValueTextEquals("twill/spread"u8))
                    service = service with { Spread = json.StringValue(known?.Spread) ?? "" };
                else
                    json.SkipValue();
            }
        }

        return service;
    }

    private KubeService ReadSpec(ref Utf8JsonReader json, KubeService service, KubeService? known)
    {
        if (!json.EnterObject())
            return service;
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("type"u8))
                service = service with { Type = json.StringValue(known?.Type) ?? "" };
            else if (json.ValueTextEquals("clusterIPs"u8))
                ReadTexts(ref json, _clusterIps);
            else if (json.ValueTextEquals("ports"u8))
                service = service with { Ports = ReadPorts(ref json, known?.Ports ?? []) };
            else if (json.ValueTextEquals("externalIPs"u8))
                ReadTexts(ref json, _externalIps);
            else if (json.ValueTextEquals("loadBalancerSourceRanges"u8))
                ReadTexts(ref json, _ranges);
            else if (json.ValueTextEquals("loadBalancerIP"u8))
                service = service with { LoadBalancerIp = json.StringValue(known?.LoadBalancerIp) ?? "" };
            else if (json.ValueTextEquals("loadBalancerClass"u8))
                service = service with { LoadBalancerClass = json.StringValue(known?.LoadBalancerClass) ?? "" };
            else if (json.ValueTextEquals("sessionAffinity"u8))
                service = service with { Affinity = json.StringValue(known?.Affinity) ?? "" };
            else if (json.ValueTextEquals("sessionAffinityConfig"u8))
                service = service with { AffinitySeconds = ReadAffinity(ref json) };
            else if (json.ValueTextEquals("internalTrafficPolicy"u8))
                service = service with { InternalPolicy = json.StringValue(known?.InternalPolicy) ?? "" };
            else if (json.ValueTextEquals("externalTrafficPolicy"u8))
                service = service with { ExternalPolicy = json.StringValue(known?.ExternalPolicy) ?? "" };
            else if (json.ValueTextEquals("trafficDistribution"u8))
                service = service with { Distribution = json.StringValue(known?.Distribution) ?? "" };
            else if (json.ValueTextEquals("publishNotReadyAddresses"u8))
                service = service with { PublishNotReady = json.BoolValue() };
            else if (json.ValueTextEquals("healthCheckNodePort"u8))
                service = service with { HealthCheckNodePort = json.Int32OrZero() };
            else
                json.SkipValue();
        }

        return service;
    }

    private static void ReadTexts(ref Utf8JsonReader json, StringListScratch into)
    {
        if (!json.EnterArray())
            return;
        while (json.NextElement())
            into.Add(ref json);
    }

    private static IReadOnlyList<KubeServicePort> ReadPorts(ref Utf8JsonReader json, IReadOnlyList<KubeServicePort> known)
    {
        var ports = new List<KubeServicePort>();
        if (!json.EnterArray())
            return ports;
        while (json.NextElement())
        {
            if (json.TokenType != JsonTokenType.StartObject)
                throw new FormatException("a port is no object");
            var before = ports.Count < known.Count ? known[ports.Count] : new KubeServicePort("", "TCP", 0, 0);
            var port = new KubeServicePort("", "TCP", 0, 0);
            while (json.NextProperty())
            {
                if (json.ValueTextEquals("name"u8))
                    port = port with { Name = json.StringValue(before.Name) ?? "" };
                else if (json.ValueTextEquals("protocol"u8))
                    port = port with { Protocol = json.StringValue(before.Protocol) ?? "TCP" };
                else if (json.ValueTextEquals("port"u8))
                    port = port with { Port = json.Int32OrZero() };
                else if (json.ValueTextEquals("nodePort"u8))
                    port = port with { NodePort = json.Int32OrZero() };
                else
                    json.SkipValue();
            }

            ports.Add(port);
        }

        return ports;
    }

    private static int ReadAffinity(ref Utf8JsonReader json)
    {
        var seconds = 0;
        if (!json.EnterObject())
            return seconds;
        while (json.NextProperty())
        {
            if (!json.ValueTextEquals("clientIP"u8) || !json.EnterObject())
            {
                if (json.TokenType == JsonTokenType.PropertyName)
                    json.SkipValue();
                continue;
            }

            while (json.NextProperty())
            {
                if (json.ValueTextEquals("timeoutSeconds"u8))
                    seconds = json.Int32OrZero();
                else
                    json.SkipValue();
            }
        }

        return seconds;
    }

    private void ReadStatus(ref Utf8JsonReader json)
    {
        if (!json.EnterObject())
            return;
        while (json.NextProperty())
        {
            if (!json.ValueTextEquals("loadBalancer"u8))
            {
                json.SkipValue();
                continue;
            }

            if (!json.EnterObject())
                continue;
            while (json.NextProperty())
            {
                if (!json.ValueTextEquals("ingress"u8))
                {
                    json.SkipValue();
                    continue;
                }

                if (!json.EnterArray())
                    continue;
                while (json.NextElement())
                    ReadIngress(ref json);
            }
        }
    }

    private void ReadIngress(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject)
            throw new FormatException("an ingress is no object");
        var proxied = false;
        var ahead = json;
        while (ahead.NextProperty())
        {
            var isMode = ahead.ValueTextEquals("ipMode"u8);
            ahead.SkipValue();
            if (isMode)
                proxied = ahead.TokenType == JsonTokenType.String && ahead.ValueTextEquals("Proxy"u8);
        }

        while (json.NextProperty())
        {
            if (!json.ValueTextEquals("ip"u8) || proxied)
            {
                json.SkipValue();
                continue;
            }

            json.Read();
            _ingressIps.Add(ref json);
        }
    }
}
