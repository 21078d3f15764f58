using System.Text.Json;
using Twill.Fabric.Services.Model;
using Twill.Kube.Yaml;
using Twill.Linux.Route;

namespace Twill.Agent.Services;

/// <summary>A service as people write it, in the file of nodes or as a value in etcd; JSON is YAML, so there is one reader.</summary>
/// <remarks>
/// <code>
/// services:
/// - name: web
///   addresses: [10.96.0.10]
///   ports: [{port: 80, target: 8080, nodePort: 30080}]
///   endpoints: [10.244.1.2, {address: 10.244.2.3, node: node2, ready: false}]
/// </code>
/// "loadBalancer: true", or a list of the addresses wished, asks for one of the agents' pools. Endpoints without a node are on the one whose block has their address.
/// </remarks>
internal static class ServiceText
{
    internal const string DefaultNamespace = "default";

    /// <summary>Like the API's own default.</summary>
    internal const int DefaultAffinitySeconds = 10800;

    private const int MaxAffinitySeconds = 86400;

    /// <summary>The list "services" of a document; none where it has no such list.</summary>
    /// <exception cref="YamlException">With line, path, value and what is expected there.</exception>
    internal static IReadOnlyList<ServiceDescription> ParseFile(ReadOnlySpan<byte> text, string document)
    {
        YamlNode root = YamlReader.Read(text, document);
        root.AllowOnly("nodes", "services");
        var services = new List<ServiceDescription>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (YamlNode item in root.Find("services")?.Items() ?? [])
        {
            ServiceDescription service = Parse(item);
            if (!lines.TryAdd(service.ToString(), item.Line)) throw item.Need("name").Invalid($"this service is in line {lines[service.ToString()]} already");
            services.Add(service);
        }

        return services;
    }

    /// <exception cref="YamlException">As <see cref="ParseFile"/>.</exception>
    internal static ServiceDescription ParseValue(ReadOnlySpan<byte> text, string document) => Parse(YamlReader.Read(text, document));

    private static ServiceDescription Parse(YamlNode item)
    {
        item.AllowOnly("name", "namespace", "addresses", "ports", "endpoints", "externalAddresses", "loadBalancer", "loadBalancerAddresses", "sourceRanges", "affinitySeconds", "internalPolicy", "externalPolicy", "prefer", "publishNotReady", "healthCheckNodePort", "spread");
        List<(ServicePort Port, ushort Target)> ports = [.. item.Need("ports").Items().Select(Port)];
        if (ports.Count == 0) throw item.Need("ports").Invalid("a service has at least one port");
        for (int i = 0; i < ports.Count; i++)
        {
            if (ports.FindIndex(p => p.Port.Name == ports[i].Port.Name) != i) throw item.Need("ports").Items()[i].Invalid("ports of one service are told apart by their names: give each another");
        }

        var targets = ports.ToDictionary(p => p.Port.Name, p => p.Target);
        return new ServiceDescription
        {
            Namespace = item.Find("namespace")?.String() ?? DefaultNamespace,
            Name = item.Need("name").String(),
            ClusterIps = Addresses(item.Find("addresses")),
            Ports = [.. ports.Select(p => p.Port)],
            Endpoints = [.. (item.Find("endpoints")?.Items() ?? []).Select(e => Endpoint(e, targets))],
            ExternalIps = Addresses(item.Find("externalAddresses")),
            LoadBalancerIps = Addresses(item.Find("loadBalancerAddresses")),
            WantsLoadBalancer = item.Find("loadBalancer") is { } wish && (wish.Kind == YamlKind.List || wish.Bool()),
            RequestedLoadBalancerIps = item.Find("loadBalancer") is { Kind: YamlKind.List } list ? Addresses(list) : [],
            SourceRanges = [.. (item.Find("sourceRanges")?.Items() ?? []).Select(Range)],
            AffinitySeconds = (uint)(item.Find("affinitySeconds")?.Int32(1, MaxAffinitySeconds) ?? 0),
            InternalPolicy = Policy(item.Find("internalPolicy")),
            ExternalPolicy = Policy(item.Find("externalPolicy")),
            Distribution = item.Find("prefer") is { } prefer ? Word(prefer, ("same-zone", TrafficDistribution.PreferSameZone), ("same-node", TrafficDistribution.PreferSameNode)) : TrafficDistribution.None,
            PublishNotReady = item.Find("publishNotReady")?.Bool() ?? false,
            HealthCheckNodePort = (ushort)(item.Find("healthCheckNodePort")?.Int32(1, ushort.MaxValue) ?? 0),
            Spread = item.Find("spread") is { } spread ? Word(spread, ("random", Spread.Random), ("maglev", Spread.Maglev)) : Spread.Random,
        };
    }

    /// <summary>The form that <see cref="ParseValue"/> reads, without what is a default.</summary>
    internal static void Write(Utf8JsonWriter json, ServiceDescription service)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, service.Name);
        if (service.Namespace != DefaultNamespace) json.WriteString("namespace"u8, service.Namespace);
        Write(json, "addresses"u8, service.ClusterIps);
        json.WriteStartArray("ports"u8);
        foreach (ServicePort port in service.Ports)
        {
            json.WriteStartObject();
            if (port.Name.Length > 0) json.WriteString("name"u8, port.Name);
            json.WriteNumber("port"u8, port.Port);
            ushort target = service.Endpoints.Select(e => e.Ports.GetValueOrDefault(port.Name)).FirstOrDefault();
            if (target != 0 && target != port.Port) json.WriteNumber("target"u8, target);
            if (port.Protocol != ServiceProtocol.Tcp) json.WriteString("protocol"u8, WordOf(port.Protocol));
            if (port.NodePort != 0) json.WriteNumber("nodePort"u8, port.NodePort);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("endpoints"u8);
        foreach (EndpointDescription endpoint in service.Endpoints)
        {
            if (endpoint is { Node: null, Zone: null, Ready: true })
            {
                json.WriteStringValue(endpoint.Address.ToString());
                continue;
            }

            json.WriteStartObject();
            json.WriteString("address"u8, endpoint.Address.ToString());
            if (endpoint.Node is { } node) json.WriteString("node"u8, node);
            if (endpoint.Zone is { } zone) json.WriteString("zone"u8, zone);
            if (!endpoint.Ready) json.WriteBoolean("ready"u8, false);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Write(json, "externalAddresses"u8, service.ExternalIps);
        if (service.RequestedLoadBalancerIps.Count > 0) Write(json, "loadBalancer"u8, service.RequestedLoadBalancerIps);
        else if (service.WantsLoadBalancer) json.WriteBoolean("loadBalancer"u8, true);
        Write(json, "loadBalancerAddresses"u8, service.LoadBalancerIps);
        if (service.SourceRanges.Count > 0)
        {
            json.WriteStartArray("sourceRanges"u8);
            foreach (IpPrefix range in service.SourceRanges) json.WriteStringValue(range.ToString());
            json.WriteEndArray();
        }

        if (service.AffinitySeconds != 0) json.WriteNumber("affinitySeconds"u8, service.AffinitySeconds);
        if (service.InternalPolicy == TrafficPolicy.Local) json.WriteString("internalPolicy"u8, "local"u8);
        if (service.ExternalPolicy == TrafficPolicy.Local) json.WriteString("externalPolicy"u8, "local"u8);
        if (service.Distribution != TrafficDistribution.None) json.WriteString("prefer"u8, service.Distribution == TrafficDistribution.PreferSameNode ? "same-node" : "same-zone");
        if (service.PublishNotReady) json.WriteBoolean("publishNotReady"u8, true);
        if (service.HealthCheckNodePort != 0) json.WriteNumber("healthCheckNodePort"u8, service.HealthCheckNodePort);
        if (service.Spread == Spread.Maglev) json.WriteString("spread"u8, "maglev"u8);
        json.WriteEndObject();
    }

    internal static string WordOf(ServiceProtocol protocol) => protocol switch { ServiceProtocol.Udp => "udp", ServiceProtocol.Sctp => "sctp", _ => "tcp" };

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> field, IReadOnlyList<IpAddress> addresses)
    {
        if (addresses.Count == 0) return;
        json.WriteStartArray(field);
        foreach (IpAddress address in addresses) json.WriteStringValue(address.ToString());
        json.WriteEndArray();
    }

    private static (ServicePort Port, ushort Target) Port(YamlNode item)
    {
        item.AllowOnly("name", "port", "target", "protocol", "nodePort");
        ushort port = (ushort)item.Need("port").Int32(1, ushort.MaxValue);
        ServiceProtocol protocol = item.Find("protocol") is { } word ? Word(word, ("tcp", ServiceProtocol.Tcp), ("udp", ServiceProtocol.Udp), ("sctp", ServiceProtocol.Sctp)) : ServiceProtocol.Tcp;
        ushort target = (ushort)(item.Find("target")?.Int32(1, ushort.MaxValue) ?? port);
        return (new ServicePort(item.Find("name")?.String() ?? "", protocol, port, (ushort)(item.Find("nodePort")?.Int32(1, ushort.MaxValue) ?? 0)), target);
    }

    private static EndpointDescription Endpoint(YamlNode item, Dictionary<string, ushort> targets)
    {
        if (item.Kind == YamlKind.Scalar) return new EndpointDescription { Address = Address(item), Ports = targets };
        item.AllowOnly("address", "node", "zone", "ready");
        bool ready = item.Find("ready")?.Bool() ?? true;
        return new EndpointDescription { Address = Address(item.Need("address")), Ports = targets, Node = item.Find("node")?.String(), Zone = item.Find("zone")?.String(), Ready = ready, Serving = ready };
    }

    private static IReadOnlyList<IpAddress> Addresses(YamlNode? list) => [.. (list?.Items() ?? []).Select(Address)];

    private static IpAddress Address(YamlNode item) => IpAddress.TryParse(item.String(), out IpAddress address) ? address : throw item.Invalid("expected an address, such as 10.96.0.10");

    private static IpPrefix Range(YamlNode item)
    {
        if (!IpPrefix.TryParse(item.String(), out IpPrefix prefix)) throw item.Invalid("expected whose packets are let in, such as 192.0.2.0/24");
        return prefix == prefix.Network ? prefix : throw item.Invalid($"bits behind the prefix are set; did you mean {prefix.Network}?");
    }

    private static TrafficPolicy Policy(YamlNode? item) => item is null ? TrafficPolicy.Cluster : Word(item, ("cluster", TrafficPolicy.Cluster), ("local", TrafficPolicy.Local));

    private static T Word<T>(YamlNode item, params ReadOnlySpan<(string Word, T Value)> words)
    {
        string text = item.String();
        string expected = "";
        foreach ((string word, T value) in words)
        {
            if (text == word) return value;
            expected += expected.Length == 0 ? word : $" or {word}";
        }

        throw item.Invalid($"expected {expected}");
    }
}
