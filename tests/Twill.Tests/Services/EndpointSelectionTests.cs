using Twill.Fabric.Services.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Services;

/// <summary>Hints as an EndpointSlice brings them. Source: KEP-2433 and KEP-3015, pkg/proxy/topology.go.</summary>
public sealed class EndpointSelectionTests
{
    private static readonly ServiceNode s_node = new() { Name = "n1", Zone = "a" };

    private static EndpointDescription At(int number, string zones, string nodes = "", bool ready = true) => new()
    {
        Address = IpAddress.Parse($"10.244.9.{number}"),
        Ports = new Dictionary<string, ushort> { [""] = 8080 },
        Ready = ready,
        Terminating = !ready,
        ZoneHints = zones.Split(',', StringSplitOptions.RemoveEmptyEntries),
        NodeHints = nodes.Split(',', StringSplitOptions.RemoveEmptyEntries),
    };

    private static string Reasons(TrafficPolicy policy, params EndpointDescription[] endpoints)
    {
        var service = new ServiceDescription { Namespace = "default", Name = "web", ClusterIps = [IpAddress.Parse("10.96.0.1")], Endpoints = endpoints };
        return string.Join(' ', EndpointSelection.Select(service, new ServicePort("", ServiceProtocol.Tcp, 80), false, policy, s_node).Select(u => u.Reason));
    }

    [Fact]
    public void ZoneHints_OnAllReadyEndpoints_AreFollowed() => Assert.Equal("Used OtherZone Used", Reasons(TrafficPolicy.Cluster, At(1, "a"), At(2, "b"), At(3, "b,a")));

    [Fact]
    public void ZoneHints_MissingOnOne_AreIgnored() => Assert.Equal("Used Used", Reasons(TrafficPolicy.Cluster, At(1, "b"), At(2, "")));

    [Fact]
    public void ZoneHints_NoneForThisZone_AreIgnored() => Assert.Equal("Used Used", Reasons(TrafficPolicy.Cluster, At(1, "b"), At(2, "c")));

    [Fact]
    public void ZoneHints_OfAnEndpointThatIsNotReady_DoNotCount() => Assert.Equal("OtherZone Used Terminating", Reasons(TrafficPolicy.Cluster, At(1, "b"), At(2, "a"), At(3, "", ready: false)));

    [Fact]
    public void NodeHints_GoBeforeZoneHints() => Assert.Equal("HintedElsewhere Used", Reasons(TrafficPolicy.Cluster, At(1, "a", "n2"), At(2, "b", "n1")));

    [Fact]
    public void Hints_UnderThePolicyLocal_AreNotAsked() => Assert.Equal("OtherNode OtherNode", Reasons(TrafficPolicy.Local, At(1, "b"), At(2, "b")));

    [Fact]
    public void NoReadyEndpoint_TerminatingOnesServe_WithoutRegardToHints() => Assert.Equal("LastResort LastResort", Reasons(TrafficPolicy.Cluster, At(1, "b", ready: false), At(2, "a", ready: false)));
}
