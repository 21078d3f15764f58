using Twill.Agent.LoadBalancers;
using Twill.Agent.Sources;
using Twill.Fabric.Services.Model;
using Twill.Kube;
using Twill.Linux.Route;
using Twill.Tests.Kube;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.LoadBalancers;

public sealed class KubeGrantStoreTests
{
    /// <summary>What is written as a status comes back the way all services come.</summary>
    [Fact]
    public async Task Grant_IsTheServicesStatus_AndIsHeardOf()
    {
        var services = new FakeApi();
        services.Put("shop/web", version => $$"""{"metadata":{"namespace":"shop","name":"web","resourceVersion":"{{version}}"},"spec":{"type":"LoadBalancer","clusterIPs":["10.96.0.10"],"loadBalancerIP":"192.168.1.200","ports":[{"port":80}]},"status":{"loadBalancer":{} } }""");
        await using var server = new FakeApiServer(new FakeApi()) { Others = { ["/api/v1/services"] = (services, "Service"), ["/apis/discovery.k8s.io/v1/endpointslices"] = (new FakeApi(), "EndpointSlice") } };
        using KubeClient client = InformerTests.Client(server, seed: 1);
        var source = new KubeServiceSource(client, TimeProvider.System);
        using var end = new CancellationTokenSource();
        Task run = source.RunAsync(() => { }, end.Token);
        await InformerTests.UntilAsync(() => source.Reading.Items is not null);
        ServiceDescription web = Assert.Single(source.Reading.Items!);
        Assert.Equal((true, "192.168.1.200", 0), (web.WantsLoadBalancer, web.RequestedLoadBalancerIps[0].ToString(), web.LoadBalancerIps.Count));

        var grants = new KubeGrantStore(client);
        Assert.True(await grants.TryGrantAsync(web, [IpAddress.Parse("192.168.1.200"), IpAddress.Parse("fd00::c8")], TestContext.Current.CancellationToken));
        await InformerTests.UntilAsync(() => source.Reading.Items is [{ LoadBalancerIps.Count: 2 }]);
        Assert.Equal(["192.168.1.200", "fd00::c8"], source.Reading.Items![0].LoadBalancerIps.Select(a => a.ToString()));
        Assert.False(await grants.TryGrantAsync(web with { Name = "gone" }, [], TestContext.Current.CancellationToken));
        await end.CancelAsync();
        await run;
    }
}
