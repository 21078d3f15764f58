using System.Text;
using System.Text.Json;
using Twill.Agent.Services;
using Twill.Fabric.Services.Model;
using Twill.Kube.Yaml;
using Xunit;

namespace Twill.Tests.Services;

public sealed class ServiceTextTests
{
    private const string All = """
        nodes: []
        services:
        - name: web
          namespace: shop
          addresses: [10.96.0.10, "fd00:96::a"]
          ports:
          - {name: http, port: 80, target: 8080, nodePort: 30080}
          - {name: dns, port: 53, protocol: udp}
          endpoints: [10.244.1.2, {address: 10.244.2.3, node: node2, zone: b, ready: false}]
          externalAddresses: [192.0.2.7]
          loadBalancer: [203.0.113.7]
          loadBalancerAddresses: [203.0.113.7]
          sourceRanges: [192.0.2.0/24]
          affinitySeconds: 600
          internalPolicy: local
          externalPolicy: local
          prefer: same-node
          publishNotReady: true
          healthCheckNodePort: 31000
          spread: maglev
        - name: plain
          ports: [{port: 80}]
          loadBalancer: true
        """;

    [Fact]
    public void Parse_EveryKey_IsThere_AndWhatIsWrittenIsReadTheSame()
    {
        IReadOnlyList<ServiceDescription> services = ServiceText.ParseFile(Encoding.UTF8.GetBytes(All), "nodes.yaml");
        Assert.Equal(["shop/web", "default/plain"], services.Select(s => s.ToString()));
        ServiceDescription web = services[0];
        Assert.Equal([new ServicePort("http", ServiceProtocol.Tcp, 80, 30080), new ServicePort("dns", ServiceProtocol.Udp, 53)], web.Ports);
        Assert.Equal(("10.244.2.3", "node2", "b", false, false), (web.Endpoints[1].Address.ToString(), web.Endpoints[1].Node, web.Endpoints[1].Zone, web.Endpoints[1].Ready, web.Endpoints[1].Serving));
        Assert.Equal([8080, 53], web.Ports.Select(p => (int)web.Endpoints[0].Ports[p.Name]));
        Assert.Equal((600u, TrafficPolicy.Local, TrafficPolicy.Local, TrafficDistribution.PreferSameNode), (web.AffinitySeconds, web.InternalPolicy, web.ExternalPolicy, web.Distribution));
        Assert.Equal((true, (ushort)31000, Spread.Maglev), (web.PublishNotReady, web.HealthCheckNodePort, web.Spread));
        Assert.Equal("192.0.2.7 203.0.113.7 192.0.2.0/24", $"{web.ExternalIps[0]} {web.LoadBalancerIps[0]} {web.SourceRanges[0]}");
        foreach (ServiceDescription service in services) Assert.Equal(Json(service), Json(ServiceText.ParseValue(Encoding.UTF8.GetBytes(Json(service)), "key")));
        Assert.Equal((true, "203.0.113.7", true, 0), (web.WantsLoadBalancer, web.RequestedLoadBalancerIps[0].ToString(), services[1].WantsLoadBalancer, services[1].RequestedLoadBalancerIps.Count));
        Assert.Equal("""{"name":"plain","ports":[{"port":80}],"endpoints":[],"loadBalancer":true}""", Json(services[1]));
    }

    [Theory]
    [InlineData("services: [{name: a, ports: []}]", "at least one port")]
    [InlineData("services: [{name: a}]", "ports")]
    [InlineData("services: [{name: a, ports: [{port: 80}, {port: 81}]}]", "told apart by their names")]
    [InlineData("services: [{name: a, ports: [{port: 70000}]}]", "from 1 to 65535")]
    [InlineData("services: [{name: a, ports: [{port: 80, protocol: icmp}]}]", "tcp or udp or sctp")]
    [InlineData("services: [{name: a, ports: [{port: 80}], endpoints: [web-0]}]", "expected an address")]
    [InlineData("services: [{name: a, ports: [{port: 80}], sourceRanges: [192.0.2.1/24]}]", "192.0.2.0/24")]
    [InlineData("services: [{name: a, ports: [{port: 80}]}, {name: a, ports: [{port: 81}]}]", "already")]
    [InlineData("services: [{name: a, ports: [{port: 80}], colour: red}]", "colour")]
    public void Parse_WhatIsWrong_IsNamedWithItsLine(string text, string expected)
        => Assert.Contains(expected, Assert.Throws<YamlException>(() => ServiceText.ParseFile(Encoding.UTF8.GetBytes(text), "nodes.yaml")).Message, StringComparison.Ordinal);

    private static string Json(ServiceDescription service)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) ServiceText.Write(json, service);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
