using System.Text.Json;
using Twill.Agent.Sources;
using Twill.Fabric.Services.Model;
using Twill.Kube;
using Twill.Tests.Kube;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.Services;

/// <summary>Services and EndpointSlices as an API server has them, and what becomes of them.</summary>
public sealed class KubeServiceSourceTests
{
    private readonly FakeApi _services = new(), _slices = new();

    [Fact]
    public async Task Source_ServiceAndSlices_BecomeOneService_AndOnlyWhatChangedIsAnotherObject()
    {
        Service("default/web", """ "type":"NodePort","clusterIPs":["10.96.0.10","fd00:96::a"],"ports":[{"name":"http","port":80,"protocol":"TCP","targetPort":8080,"nodePort":30080},{"name":"dns","protocol":"UDP","port":53}],"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":600}},"externalTrafficPolicy":"Local","internalTrafficPolicy":"Cluster","trafficDistribution":"PreferClose","healthCheckNodePort":31000 """);
        Service("default/other", """ "type":"LoadBalancer","clusterIPs":["10.96.0.11"],"ports":[{"port":443,"protocol":"TCP"}],"loadBalancerSourceRanges":["192.0.2.0/24"] """, """ "loadBalancer":{"ingress":[{"ip":"203.0.113.7"},{"ip":"203.0.113.8","ipMode":"Proxy"},{"hostname":"lb.example"}]} """);
        Service("default/headless", """ "type":"ClusterIP","clusterIPs":["None"],"ports":[{"port":80}] """);
        Service("default/name", """ "type":"ExternalName","externalName":"example.org" """);
        Slice("default/web-1", "web", """ {"addresses":["10.244.1.2"],"conditions":{"ready":true,"serving":true,"terminating":false},"nodeName":"node1","zone":"a","hints":{"forZones":[{"name":"a"}]}},{"addresses":["10.244.2.2"],"conditions":{"ready":false,"serving":true,"terminating":true},"nodeName":"node2"} """);
        Slice("default/web-2", "web", """ {"addresses":["fd00:1::2"],"conditions":{}} """, "IPv6");
        await using FakeApiServer server = Server();
        using KubeClient client = InformerTests.Client(server, seed: 1);
        var source = new KubeServiceSource(client, TimeProvider.System);
        using var end = new CancellationTokenSource();
        Task run = source.RunAsync(() => { }, end.Token);
        await InformerTests.UntilAsync(() => source.Reading.Items is not null);
        Assert.Equal(["default/other", "default/web"], source.Reading.Items!.Select(s => s.ToString()));
        Assert.Null(source.Reading.Problem);

        ServiceDescription other = source.Reading.Items![0], web = source.Reading.Items[1];
        Assert.Equal(["10.96.0.10", "fd00:96::a"], web.ClusterIps.Select(a => a.ToString()));
        Assert.Equal([new ServicePort("http", ServiceProtocol.Tcp, 80, 30080), new ServicePort("dns", ServiceProtocol.Udp, 53)], web.Ports);
        Assert.Equal((600u, TrafficPolicy.Local, TrafficPolicy.Cluster, TrafficDistribution.PreferSameZone, (ushort)31000), (web.AffinitySeconds, web.ExternalPolicy, web.InternalPolicy, web.Distribution, web.HealthCheckNodePort));
        Assert.Equal(["10.244.1.2 True True False node1 a http=8080 [a]", "10.244.2.2 False True True node2  http=8080 []", "fd00:1::2 True True False   http=8080 []"], web.Endpoints.Select(Line));
        Assert.Equal(["203.0.113.7"], other.LoadBalancerIps.Select(a => a.ToString()));
        Assert.Equal(["192.0.2.0/24"], other.SourceRanges.Select(r => r.ToString()));

        Slice("default/web-1", "web", """ {"addresses":["10.244.1.2"],"conditions":{"ready":true},"nodeName":"node1"} """);
        await InformerTests.UntilAsync(() => source.Reading.Items is [_, { Endpoints.Count: 2 }]);
        Assert.Same(other, source.Reading.Items![0]);
        Assert.NotSame(web, source.Reading.Items[1]);

        _slices.Delete("default/web-1");
        await InformerTests.UntilAsync(() => source.Reading.Items is [_, { Endpoints.Count: 1 }]);
        _services.Delete("default/web");
        await InformerTests.UntilAsync(() => source.Reading.Items is [{ Name: "other" }]);

        IReadOnlyList<ServiceDescription> before = source.Reading.Items!;
        await server.GoAwayAsync();
        await InformerTests.UntilAsync(() => source.Reading.Problem is not null);
        Assert.Same(before, source.Reading.Items);
        server.ComeBack();
        await InformerTests.UntilAsync(() => source.Reading.Problem is null);
        Assert.Same(before[0], source.Reading.Items![0]);
        await end.CancelAsync();
        await run;
    }

    /// <summary>Whatever the server drops, repeats, reorders, delays and cuts: in the end it is as the objects are.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Source_UnderFaults_EndsAsTheServerIs(int seed)
    {
        await using FakeApiServer server = Server();
        server.Faults = new FaultPlan(seed, [Fault.Duplicate, Fault.Reorder, Fault.Delay, Fault.Truncate, Fault.Cut, Fault.Gone], [Fault.Cut, Fault.ServerError, Fault.Busy], 5);
        using KubeClient client = InformerTests.Client(server, seed);
        var source = new KubeServiceSource(client, TimeProvider.System);
        using var end = new CancellationTokenSource();
        Task run = source.RunAsync(() => { }, end.Token);
        var random = new Random(seed);
        for (int i = 0; i < 200; i++)
        {
            int number = random.Next(8);
            if (random.Next(5) == 0) _services.Delete($"default/s{number}");
            else if (random.Next(2) == 0) Service($"default/s{number}", $$""" "clusterIPs":["10.96.0.{{number + 1}}"],"ports":[{"name":"http","port":{{random.Next(1, 9)}} }] """);
            else Slice($"default/s{number}-x", $"s{number}", $$""" {"addresses":["10.244.1.{{random.Next(2, 250)}}"]} """);
            if (i % 20 == 0) await Task.Yield();
        }

        server.Faults = FaultPlan.None;
        Service("default/last", """ "clusterIPs":["10.96.0.99"],"ports":[{"port":1}] """);
        string[] wanted = [.. _services.Objects.Values.Select(o => Wanted(o.Name, JsonDocument.Parse(o.Json).RootElement))];
        await InformerTests.UntilAsync(() => source.Reading.Items?.Select(Got).SequenceEqual(wanted) == true);
        await end.CancelAsync();
        await run;
    }

    private FakeApiServer Server() => new(new FakeApi()) { Others = { ["/api/v1/services"] = (_services, "Service"), ["/apis/discovery.k8s.io/v1/endpointslices"] = (_slices, "EndpointSlice") } };

    /// <summary>Taken apart by another reader.</summary>
    private string Wanted(string key, JsonElement service)
    {
        string? slice = _slices.Objects.TryGetValue($"{key}-x", out FakeApi.StoredObject? stored) ? stored.Json : null;
        string endpoint = slice is null ? "" : JsonDocument.Parse(slice).RootElement.GetProperty("endpoints")[0].GetProperty("addresses")[0].GetString()!;
        return $"{key} {service.GetProperty("spec").GetProperty("ports")[0].GetProperty("port").GetInt32()} {endpoint}";
    }

    private static string Got(ServiceDescription service) => $"{service} {service.Ports[0].Port} {string.Join(',', service.Endpoints.Select(e => e.Address))}";

    private static string Line(EndpointDescription e) => $"{e.Address} {e.Ready} {e.Serving} {e.Terminating} {e.Node} {e.Zone} {string.Join(',', e.Ports.Select(p => $"{p.Key}={p.Value}"))} [{string.Join(',', e.ZoneHints)}]";

    private void Service(string key, string spec, string status = "") => _services.Put(key, version => $$"""{"apiVersion":"v1","kind":"Service","metadata":{{Metadata(key, version, "")}} ,"spec":{ {{spec}} },"status":{ {{status}} } }""");

    private void Slice(string key, string service, string endpoints, string type = "IPv4")
    {
        string labels = $$""" ,"labels":{"kubernetes.io/service-name":"{{service}}"} """;
        _slices.Put(key, version => $$"""{"metadata":{{Metadata(key, version, labels)}} ,"addressType":"{{type}}","ports":[{"name":"http","port":8080,"protocol":"TCP"}],"endpoints":[ {{endpoints}} ]}""");
    }

    private static string Metadata(string key, ulong version, string more) => $$"""{"namespace":"{{key.Split('/')[0]}}","name":"{{key.Split('/')[1]}}","resourceVersion":"{{version}}"{{more}} }""";
}
