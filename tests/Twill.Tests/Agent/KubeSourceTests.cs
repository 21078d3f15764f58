using Twill.Agent.Sources;
using Twill.Fabric.Model;
using Twill.Kube;
using Twill.Tests.Kube;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.Agent;

public sealed class KubeSourceTests
{
    [Fact]
    public async Task Source_NodesComeChangeAndGo_AwayNothingChanges()
    {
        var api = new FakeApi();
        for (int i = 1; i <= 3; i++) Put(api, i, i);
        await using var server = new FakeApiServer(api);
        using KubeClient client = InformerTests.Client(server, seed: 1);
        var source = new KubeSource(client, TimeProvider.System);
        using var end = new CancellationTokenSource();
        int changes = 0;
        Task run = source.RunAsync(() => Interlocked.Increment(ref changes), end.Token);
        await InformerTests.UntilAsync(() => source.Reading.Items?.Count == 3);
        Assert.Equal(["n1 10.0.1.0/24 192.168.0.1/32", "n2 10.0.2.0/24 192.168.0.2/32", "n3 10.0.3.0/24 192.168.0.3/32"], source.Reading.Items!.Select(Line));
        Assert.Null(source.Reading.Problem);

        api.Delete("n2");
        Put(api, 3, 9);
        await InformerTests.UntilAsync(() => source.Reading.Items is [_, { } last] && Line(last) == "n3 10.0.9.0/24 192.168.0.9/32");

        IReadOnlyList<ClusterNode> before = source.Reading.Items!;
        await server.GoAwayAsync();
        await InformerTests.UntilAsync(() => source.Reading.Problem is not null);
        Assert.Same(before, source.Reading.Items);
        server.ComeBack();
        await InformerTests.UntilAsync(() => source.Reading.Problem is null);
        Assert.Same(before, source.Reading.Items);
        Assert.True(changes >= 4);
        await end.CancelAsync();
        await run;
    }

    private static string Line(ClusterNode node) => $"{node.Name} {node.PodBlocks[0]} {node.Addresses[0]}";

    private static void Put(FakeApi api, int number, int index) => api.Put($"n{number}", version => NodeJson.Of($"n{number}", version, index));
}
