using System.Text;
using Twill.Agent.Services;
using Twill.Fabric.Model;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Services;

public sealed class ServicePlacementTests
{
    private static ClusterNode Node(int i, string? zone = null, int? block = null)
        => new() { Name = $"node{i}", Addresses = [IpPrefix.Parse($"192.168.1.{i}/24")], PodBlocks = [IpPrefix.Parse($"10.244.{block ?? i}.0/24")], Zone = zone };

    private static ServiceDescription Service(string name, string endpoints) => ServiceText.ParseValue(Encoding.UTF8.GetBytes($$"""{"name":"{{name}}","ports":[{"port":80}],"endpoints":[{{endpoints}}]}"""), "key");

    [Fact]
    public void EndpointWithoutNode_IsOnTheNodeWhoseBlockHasIt_AndWhatIsKnownStaysTheSameObject()
    {
        ClusterNode[] nodes = [Node(1, "a")];
        ServiceDescription web = Service("web", "\"10.244.1.2\",\"10.244.9.9\""), nowhere = Service("nowhere", "\"10.244.9.9\"");
        IReadOnlyList<ServiceDescription> placed = new ServicePlacement().Of([web, nowhere], nodes);
        Assert.Equal(("node1", "a", null), (placed[0].Endpoints[0].Node, placed[0].Endpoints[0].Zone, placed[0].Endpoints[1].Node));
        Assert.Same(web.Endpoints[1], placed[0].Endpoints[1]);
        Assert.Same(nowhere, placed[1]);
        ServiceDescription known = web with { Endpoints = [placed[0].Endpoints[0]] };
        Assert.Same(known, new ServicePlacement().Of([known], nodes)[0]);
    }

    /// <summary>A node that comes, goes or changes touches those services alone that have to do with it.</summary>
    [Fact]
    public void NodeChanges_OnlyServicesWithEndpointsThereAreOthers()
    {
        ClusterNode one = Node(1), two = Node(2), three = Node(3);
        ServiceDescription[] services = [Service("a", "\"10.244.1.2\""), Service("b", "\"10.244.2.2\""), Service("c", "{\"address\":\"10.244.3.2\",\"node\":\"node3\"}")];
        var placement = new ServicePlacement();
        IReadOnlyList<ServiceDescription> first = placement.Of(services, [one]);
        Assert.Equal("node1 - node3", Nodes(first));
        IReadOnlyList<ServiceDescription> second = placement.Of(services, [one, two]);
        Assert.Equal("node1 node2 node3", Nodes(second));
        Assert.Same(first[0], second[0]);
        Assert.Same(first[2], second[2]);
        IReadOnlyList<ServiceDescription> third = placement.Of(services, [one, two, Node(3, "z")]);
        Assert.Equal("z", third[2].Endpoints[0].Zone);
        Assert.Same(second[0], third[0]);
        Assert.Same(second[1], third[1]);
        IReadOnlyList<ServiceDescription> fourth = placement.Of(services, [one, Node(2, block: 7), three]);
        Assert.Equal("node1 - node3", Nodes(fourth));
        Assert.Null(fourth[2].Endpoints[0].Zone);
        Assert.Same(third[0], fourth[0]);
        Assert.Empty(placement.Of([], [one]));
        Assert.Equal("node1 - node3", Nodes(placement.Of(services, [one]))); // and from nothing again
    }

    /// <summary>Whatever comes in whatever order, the same as from nothing.</summary>
    [Fact]
    public void Follow_AtRandom_EqualsFromNothing()
    {
        var random = new Random(7);
        var placement = new ServicePlacement();
        ClusterNode[] nodes = [];
        ServiceDescription[] services = [];
        for (int round = 0; round < 300; round++)
        {
            if (random.Next(2) == 0) nodes = [.. nodes.Where(_ => random.Next(4) > 0), .. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(1, 9)).Distinct().Select(i => Node(i, random.Next(2) == 0 ? "z" : null, random.Next(1, 9)))];
            nodes = [.. nodes.DistinctBy(n => n.Name).DistinctBy(n => n.PodBlocks[0])];
            if (random.Next(2) == 0) services = [.. services.Where(_ => random.Next(4) > 0), .. Enumerable.Range(0, random.Next(3)).Select(i => Service($"s{round}-{i}", string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(2) == 0 ? $"\"10.244.{random.Next(1, 9)}.2\"" : $"{{\"address\":\"10.244.1.3\",\"node\":\"node{random.Next(1, 9)}\"}}"))))];
            Assert.Equal(Text(new ServicePlacement().Of(services, nodes)), Text(placement.Of(services, nodes)));
        }

        static string Text(IReadOnlyList<ServiceDescription> all) => string.Join('\n', all.Select(s => $"{s} {string.Join(' ', s.Endpoints.Select(e => $"{e.Address}@{e.Node}/{e.Zone}"))}"));
    }

    private static string Nodes(IReadOnlyList<ServiceDescription> services) => string.Join(' ', services.Select(s => s.Endpoints[0].Node ?? "-"));
}
