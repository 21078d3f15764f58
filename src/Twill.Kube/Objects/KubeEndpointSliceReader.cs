using System.Text.Json;

namespace Twill.Kube;

/// <remarks>Source: k8s.io/api/discovery/v1, EndpointSlice. An endpoint that did not change is the known object: nothing is kept twice.</remarks>
internal sealed class KubeEndpointSliceReader : IKubeReader<KubeEndpointSlice>
{
    public KubeEndpointSlice Read(string key, ref Utf8JsonReader json, KubeEndpointSlice? known)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var slice = new KubeEndpointSlice { Namespace = known?.Namespace ?? key[..slash], Name = known?.Name ?? key[(slash + 1)..] };
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("metadata"u8))
                slice = slice with { Service = ReadService(ref json, known?.Service) };
            else if (json.ValueTextEquals("addressType"u8))
                slice = slice with { AddressType = json.StringValue(known?.AddressType) ?? "" };
            else if (json.ValueTextEquals("ports"u8))
                slice = slice with { Ports = ReadPorts(ref json, known?.Ports ?? []) };
            else if (json.ValueTextEquals("endpoints"u8))
                slice = slice with { Endpoints = ReadEndpoints(ref json, known?.Endpoints ?? []) };
            else
                json.SkipValue();
        }

        return slice.Equals(known) ? known! : slice;
    }

    private static string ReadService(ref Utf8JsonReader json, string? known)
    {
        var service = "";
        if (!json.EnterObject())
            return service;
        while (json.NextProperty())
        {
            if (!json.ValueTextEquals("labels"u8))
            {
                json.SkipValue();
                continue;
            }

            if (!json.EnterObject())
                continue;
            while (json.NextProperty())
            {
                if (json.ValueTextEquals("kubernetes.io/service-name"u8))
                    service = json.StringValue(known) ?? "";
                else
                    json.SkipValue();
            }
        }

        return service;
    }

    private static List<KubeEndpointPort> ReadPorts(ref Utf8JsonReader json, IReadOnlyList<KubeEndpointPort> known)
    {
        var ports = new List<KubeEndpointPort>();
        if (!json.EnterArray())
            return ports;
        while (json.NextElement())
        {
            if (json.TokenType != JsonTokenType.StartObject)
                throw new FormatException("a port is no object");
            var port = new KubeEndpointPort("", 0);
            while (json.NextProperty())
            {
                if (json.ValueTextEquals("name"u8))
                    port = port with { Name = json.StringValue(ports.Count < known.Count ? known[ports.Count].Name : null) ?? "" };
                else if (json.ValueTextEquals("port"u8))
                    port = port with { Number = json.Int32OrZero() };
                else
                    json.SkipValue();
            }

            ports.Add(port);
        }

        return ports;
    }

    private static List<KubeEndpoint> ReadEndpoints(ref Utf8JsonReader json, IReadOnlyList<KubeEndpoint> known)
    {
        var endpoints = new List<KubeEndpoint>(known.Count);
        if (!json.EnterArray())
            return endpoints;
        while (json.NextElement())
        {
            if (json.TokenType != JsonTokenType.StartObject)
                throw new FormatException("an endpoint is no object");
            var before = endpoints.Count < known.Count ? known[endpoints.Count] : null;
            var endpoint = ReadEndpoint(ref json, before);
            endpoints.Add(endpoint.Equals(before) ? before! : endpoint);
        }

        return endpoints;
    }

    private static KubeEndpoint ReadEndpoint(ref Utf8JsonReader json, KubeEndpoint? known)
    {
        var endpoint = new KubeEndpoint();
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("addresses"u8))
                endpoint = endpoint with { Address = ReadFirst(ref json, known?.Address) };
            else if (json.ValueTextEquals("conditions"u8))
                endpoint = ReadConditions(ref json, endpoint);
            else if (json.ValueTextEquals("nodeName"u8))
                endpoint = endpoint with { Node = json.StringValue(known?.Node) };
            else if (json.ValueTextEquals("zone"u8))
                endpoint = endpoint with { Zone = json.StringValue(known?.Zone) };
            else if (json.ValueTextEquals("hints"u8))
                endpoint = ReadHints(ref json, endpoint);
            else
                json.SkipValue();
        }

        return endpoint;
    }

    private static string ReadFirst(ref Utf8JsonReader json, string? known)
    {
        var first = "";
        if (!json.EnterArray())
            return first;
        while (json.NextElement())
        {
            if (first.Length == 0)
                first = json.Text(known);
        }

        return first;
    }

    private static KubeEndpoint ReadConditions(ref Utf8JsonReader json, KubeEndpoint endpoint)
    {
        if (!json.EnterObject())
            return endpoint;
        bool? ready = null, serving = null;
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("ready"u8))
                ready = MaybeBool(ref json);
            else if (json.ValueTextEquals("serving"u8))
                serving = MaybeBool(ref json);
            else if (json.ValueTextEquals("terminating"u8))
                endpoint = endpoint with { Terminating = json.BoolValue() };
            else
                json.SkipValue();
        }

        return endpoint with { Ready = ready ?? true, Serving = serving ?? ready ?? true };
    }

    private static bool? MaybeBool(ref Utf8JsonReader json)
    {
        var ahead = json;
        if (ahead.Read() && ahead.TokenType == JsonTokenType.Null)
        {
            json = ahead;
            return null;
        }

        return json.BoolValue();
    }

    private static KubeEndpoint ReadHints(ref Utf8JsonReader json, KubeEndpoint endpoint)
    {
        if (!json.EnterObject())
            return endpoint;
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("forZones"u8))
                endpoint = endpoint with { ZoneHints = ReadNames(ref json) };
            else if (json.ValueTextEquals("forNodes"u8))
                endpoint = endpoint with { NodeHints = ReadNames(ref json) };
            else
                json.SkipValue();
        }

        return endpoint;
    }

    private static List<string> ReadNames(ref Utf8JsonReader json)
    {
        var names = new List<string>();
        if (!json.EnterArray())
            return names;
        while (json.NextElement())
        {
            if (json.TokenType != JsonTokenType.StartObject)
                throw new FormatException("a hint is no object");
            while (json.NextProperty())
            {
                if (json.ValueTextEquals("name"u8))
                    names.Add(json.StringValue(null) ?? "");
                else
                    json.SkipValue();
            }
        }

        return names;
    }
}
