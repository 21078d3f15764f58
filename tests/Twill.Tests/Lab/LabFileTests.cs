using System.Text;
using Twill.Lab;
using Twill.Lab.Model;
using Xunit;

namespace Twill.Tests.Lab;

public sealed class LabFileTests
{
    [Fact]
    public void Parse_YamlAndJson_AreTheSameLab()
    {
        LabSpec yaml = Parse("mode: router\nfamilies: dual\nnodes:\n  - name: node2\n    pods: [blue, {name: shop, containers: [web, probe]}]\n  - pods: 1\n  - node7\n");
        LabSpec json = Parse("""{ "mode": "router", "families": "dual", "nodes": [ { "index": 2, "pods": [ "blue", { "name": "shop", "containers": ["web", "probe"] } ] }, { "pods": 1 }, { "name": "node7", "pods": 2 } ] }""");
        Assert.Equal((LabMode.Router, true, true), (yaml.Mode, yaml.V4, yaml.V6));
        Assert.Equal(["red@node1:2", "blue@node2:2", "shop@node2:3", "green@node7:2", "grey@node7:3"], Texts(yaml));
        Assert.Equal(["web", "probe"], yaml.Pods[2].Containers);
        Assert.Equal(yaml.Nodes, json.Nodes);
        Assert.Equal(yaml.Pods, json.Pods);
    }

    [Fact]
    public void Parse_AppliedToALab_KeepsWhoStays()
    {
        LabSpec present = new LabSpec().Grown(2, 3);
        LabSpec after = Parse("nodes: [{pods: [red, new]}, {pods: 2}]", present);
        Assert.Equal(["new@node1:2", "red@node1:3", "grey@node2:2", "pink@node2:3"], Texts(after));
        Assert.Equal(present.Pods, Parse("nodes: 2\npods: 3", present).Pods);
    }

    [Fact]
    public void Parse_PodThatMoves_GetsAnAddressOfItsNewNode()
        => Assert.Equal(["red@node1:2", "blue@node2:2"], Texts(Parse("nodes: [{pods: [red]}, {pods: [blue]}]", new LabSpec().Grown(1, 1))));

    [Theory]
    [InlineData("nodes: 0", "nodes \"0\"")]
    [InlineData("nodes: 201", "from 1 to 200")]
    [InlineData("nodes: 2\nfamilies: ipv5", "did you mean ipv4?")]
    [InlineData("nodes: [{pods: [{nam: x}]}]", "nodes[0].pods[0].nam")]
    [InlineData("nodes: [{name: node1, index: 2}]", "the name says 1")]
    [InlineData("nodes: [{pods: [{name: a, containers: [b, b]}]}]", "two containers have one name")]
    [InlineData("nodes: [{pods: [{name: a, containers: [b, c, d, e, f]}]}]", "4 are the most")]
    [InlineData("nodes: [{pods: [{name: a, containers: [B]}]}]", "containers[0]")]
    [InlineData("nodes: [{pods: [router]}]", "the lab itself")]
    [InlineData("nodes: [{name: node300}]", "node1 to node200")]
    [InlineData("[]", "expected a map")]
    public void Parse_Wrong_SaysWhereAndWhat(string text, string words) => Assert.Contains(words, Assert.Throws<LabException>(() => Parse(text)).Message, StringComparison.Ordinal);

    private static LabSpec Parse(string text, LabSpec? present = null) => LabFile.Parse(Encoding.UTF8.GetBytes(text), "lab.yaml", present ?? new LabSpec());

    private static string[] Texts(LabSpec spec) => [.. spec.Pods.Select(p => $"{p.Name}@{p.Node}:{p.Number}")];
}
