using System.Text;
using Twill.Agent.Sources;
using Twill.Fabric.Model;
using Twill.Kube.Yaml;
using Xunit;

namespace Twill.Tests.Agent;

public sealed class FileSourceTests : IDisposable
{
    private const string Two = """
        nodes:
        - name: node1
          addresses: [192.168.1.11, "fd00::11/64"]
          podCIDRs: [10.244.1.0/24, fd00:10:244:1::/64]
        - { name: node2, addresses: [192.168.1.12/24] }
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("twill-source-test-").FullName;

    private string FilePath => Path.Combine(_directory, "nodes.yaml");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Parse_Nodes_AsWritten()
    {
        var nodes = NodesFile.Parse(Encoding.UTF8.GetBytes(Two), "nodes.yaml");
        Assert.Equal(["node1", "node2"], nodes.Select(n => n.Name));
        Assert.Equal("192.168.1.11/32 fd00::11/64 | 10.244.1.0/24 fd00:10:244:1::/64", $"{string.Join(' ', nodes[0].Addresses)} | {string.Join(' ', nodes[0].PodBlocks)}");
        Assert.Equal("192.168.1.12/24", Assert.Single(nodes[1].Addresses).ToString());
        Assert.Empty(nodes[1].PodBlocks);
    }

    [Theory]
    [InlineData("nodes: []\nnods: []", "unknown key")]
    [InlineData("nodes: [{addresses: [1.2.3.4]}]", "the key name is missing")]
    [InlineData("nodes: [{name: a, addresses: [1.2.3]}]", "nodes[0].addresses[0] \"1.2.3\": expected an address")]
    [InlineData("nodes: [{name: a, addresses: [1.2.3.4, 1.2.3.5]}]", "a second one of IPv4")]
    [InlineData("nodes: [{name: a, addresses: [1.2.3.4], podCIDRs: [10.244.1.1/24]}]", "did you mean 10.244.1.0/24?")]
    [InlineData("nodes:\n- {name: a, addresses: [1.2.3.4]}\n- {name: a, addresses: [1.2.3.5]}", "in line 2 already")]
    public void Parse_Nonsense_IsRefusedWithItsPlace(string text, string part)
    {
        YamlException e = Assert.Throws<YamlException>(() => NodesFile.Parse(Encoding.UTF8.GetBytes(text), "nodes.yaml"));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("cannot read nodes.yaml: line ", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Written, replaced by a rename, spoilt, taken away, put back: each is noticed, and a bad file never takes nodes away.</summary>
    [Fact]
    public async Task Run_FileChanges_ReadingFollows()
    {
        var source = new FileSource<ClusterNode>(FilePath, NodesFile.Parse, TimeProvider.System);
        using var end = new CancellationTokenSource();
        using var stirred = new SemaphoreSlim(0);
        Task run = source.RunAsync(() => stirred.Release(), end.Token);
        await Until(() => source.Reading.Problem?.Contains("nodes.yaml", StringComparison.Ordinal) == true);
        Assert.Null(source.Reading.Items);

        await File.WriteAllTextAsync(FilePath, Two, TestContext.Current.CancellationToken);
        await Until(() => source.Reading is { Items.Count: 2, Problem: null });
        string first = source.Reading.Revision;

        await File.WriteAllTextAsync(FilePath + ".new", "nodes: []", TestContext.Current.CancellationToken);
        File.Move(FilePath + ".new", FilePath, overwrite: true);
        await Until(() => source.Reading is { Items.Count: 0, Problem: null });
        Assert.NotEqual(first, source.Reading.Revision);

        await File.WriteAllTextAsync(FilePath, Two, TestContext.Current.CancellationToken);
        await Until(() => source.Reading.Items?.Count == 2);
        await File.WriteAllTextAsync(FilePath, "nodes: 3", TestContext.Current.CancellationToken);
        await Until(() => source.Reading.Problem is not null);
        Assert.Equal(2, source.Reading.Items!.Count);
        File.Delete(FilePath);
        await Until(() => source.Reading.Problem!.Contains("Could not find", StringComparison.Ordinal));
        await File.WriteAllTextAsync(FilePath, Two, TestContext.Current.CancellationToken);
        await Until(() => source.Reading is { Problem: null, Items.Count: 2 });

        await end.CancelAsync();
        await run;

        async Task Until(Func<bool> condition)
        {
            while (!condition()) Assert.True(await stirred.WaitAsync(TimeSpan.FromSeconds(20)), $"not seen: {source.Reading}");
        }
    }
}
