using System.Text.Json;
using Twill.Agent;
using Twill.Agent.Answers;
using Twill.Agent.Services;
using Twill.Agent.Sources;
using Twill.Agent.View;
using Twill.Fabric.Keep;
using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;
using Twill.Tests.Lab;
using Xunit;

namespace Twill.Tests.Agent;

public sealed class ServiceViewTests
{
    private static readonly ServiceDescription s_web = new()
    {
        Namespace = "default",
        Name = "web",
        ClusterIps = [IpAddress.Parse("10.96.0.10")],
        LoadBalancerIps = [IpAddress.Parse("192.168.1.240")],
        ExternalPolicy = TrafficPolicy.Local,
        Ports = [new ServicePort("http", ServiceProtocol.Tcp, 80, 30080)],
        Endpoints =
        [
            Endpoint("10.244.1.2", "node1"),
            Endpoint("10.244.2.2", "node2"),
            Endpoint("10.244.2.3", "node2") with { Ready = false, Serving = false },
            Endpoint("10.244.2.4", "node2") with { Ready = false, Terminating = true },
            Endpoint("10.244.2.5", null) with { Ports = new Dictionary<string, ushort>() },
        ],
    };

    private static readonly ServiceSnapshot s_snapshot = new(
        new ServiceNode { Name = "node1", NodePortAddresses = [IpAddress.Parse("192.168.1.11")], PodBlocks = [IpPrefix.Parse("10.244.1.0/24")] },
        [s_web, s_web with { Namespace = "shop", ClusterIps = [IpAddress.Parse("10.96.0.11")], ExternalPolicy = TrafficPolicy.Cluster, Endpoints = [] }]);

    /// <summary>As the agent of node1 tells it.</summary>
    internal static string Agent { get; } = ServiceJson.Services(AgentSamples.Facts with
    {
        Services = new ServiceFacts(new SourceReading<ServiceDescription>(s_snapshot.Services, "7", "etcd is away", 1), ServiceCompiler.Compile(s_snapshot), true, new KeeperCounters(), [new AnnouncedAddress(IpAddress.Parse("192.168.1.240"), "node2", false)]),
    });

    internal static ServiceReport Report { get; } = new(Kernel(), JsonDocument.Parse(Agent).RootElement);

    [Fact]
    public void List_OfTwoServices_IsALineForEachFrontend()
        => Golden.Check(Path.Combine(Golden.Directory(), "screens", "services.txt"), ServiceViewText.List(Report));

    [Fact]
    public void Show_WithTheAgent_SaysWhyEachEndpointIsUsedOrNot()
    {
        string text = ServiceViewText.Show(Report, "default/web");
        Assert.Contains(" 10.96.0.10:80/tcp http  random, 12 connections\n   10.244.1.2:8080\n   10.244.2.2:8080\n", text, StringComparison.Ordinal);
        Assert.Contains(" 192.168.1.240:80/tcp http", text, StringComparison.Ordinal);
        Assert.Contains(", announced by node2\n", text, StringComparison.Ordinal);
        Assert.Contains("10.244.1.2 port 8080  node1  -     used\n", text, StringComparison.Ordinal);
        Assert.Contains("10.244.2.3 port 8080  node2  -     not used: not ready\n", text, StringComparison.Ordinal);
        Assert.Contains("10.244.2.4 port 8080  node2  -     not used: terminates\n", text, StringComparison.Ordinal);
        Assert.Contains("10.244.2.5            -      -     not used: has no port of this name\n", text, StringComparison.Ordinal);
        Assert.Contains("refused: no endpoint", ServiceViewText.Show(Report, "shop/web"), StringComparison.Ordinal);
        Assert.Contains("another service had these first: 192.168.1.240:80/tcp, 192.168.1.11:30080/tcp", ServiceViewText.Show(Report, "shop/web"), StringComparison.Ordinal);
    }

    [Fact]
    public void Show_WithoutTheAgent_TellsWhatTheKernelDoes()
    {
        string text = ServiceViewText.Show(Report with { Agent = null }, "default/web");
        Assert.Contains("10.244.2.2:8080", text, StringComparison.Ordinal);
        Assert.DoesNotContain("endpoints\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_ByNameOrWithNamespace_IsOneService()
    {
        Assert.Equal("shop/web", Report.Find("shop/web"));
        Assert.Contains("several services are called web: default/web, shop/web", Assert.Throws<AgentException>(() => Report.Find("web")).Message, StringComparison.Ordinal);
        Assert.Contains("did you mean web?", Assert.Throws<AgentException>(() => Report.Find("wep")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_TableChangedAndSourceAway_AreNamed()
    {
        ServiceReport broken = Report with { Kernel = Report.Kernel with { Whole = false } };
        Assert.Equal(2, broken.Problems.Count());
        Assert.Contains("etcd is away", string.Join('\n', broken.Problems), StringComparison.Ordinal);
        Assert.Empty((Report with { Agent = null }).Problems);
    }

    private static EndpointDescription Endpoint(string address, string? node) => new() { Address = IpAddress.Parse(address), Node = node, Ports = new Dictionary<string, ushort> { ["http"] = 8080 } };

    /// <summary>What the compiled plan looks like when it is read back.</summary>
    private static ServiceState Kernel()
    {
        ulong hits = 12;
        var frontends = new List<FrontendState>();
        foreach (ServiceFrontend frontend in ServiceCompiler.Compile(s_snapshot).Frontends)
        {
            frontends.Add(new FrontendState(frontend.Key, frontend.Inside, frontend.Name, frontend.Chain ?? "", [.. frontend.Backends], hits, hits * 60));
            hits /= 4;
        }

        return new ServiceState(true, true, frontends);
    }
}
