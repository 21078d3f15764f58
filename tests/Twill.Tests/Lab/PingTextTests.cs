using Twill.Lab;
using Twill.Linux.Icmp;
using Twill.Linux.Route;
using Twill.Tests.Topo;
using Twill.Topo;
using Xunit;

namespace Twill.Tests.Lab;

public sealed class PingTextTests
{
    private static readonly string s_pictures = Path.Combine(Golden.Directory(), "pictures");

    [Theory]
    [InlineData("ping-all-well", 2, 100)]
    [InlineData("ping-narrow", 20, 80)]
    public void Draw_Case_IsAsDrawn(string name, int podsPerNode, int width) => Golden.Check(Path.Combine(s_pictures, $"{name}.txt"), PingText.Draw(Report(podsPerNode, r => r), width, Style.Plain));

    [Fact]
    public void Draw_LostAndTranslated_SaysWhichWayAndWhy()
        => Golden.Check(Path.Combine(s_pictures, "ping-trouble.txt"), PingText.Draw(Report(2, Spoil), 100, Style.Plain));

    [Fact]
    public void Report_TranslatedBetweenPods_IsNotOk()
    {
        Assert.True(Report(2, r => r).Ok);
        Assert.False(Report(2, r => r.From.Name == "blue" && r.To.Name == "red" ? r with { SeenAs = IpAddress.Parse("192.168.1.11") } : r).Ok);
        Assert.False(Report(2, r => r.From.Name == "blue" && r.To.Kind == LabKind.Internet ? r with { SeenAs = r.From.Address } : r).Ok);
        Assert.False(Report(2, r => r.From.Name == "blue" && r.To.Name == "red" ? r with { RttMs = null } : r).Ok);
    }

    [Fact]
    public void Sample_More_IsEvenAndTheSameEveryTime()
    {
        List<int> all = [.. Enumerable.Range(0, 1000)];
        List<int> chosen = PingAll.Sample(all, 30);
        Assert.Equal((30, 0), (chosen.Distinct().Count(), chosen[0]));
        Assert.InRange(chosen[^1], 960, 999);
        Assert.Equal(chosen, PingAll.Sample(all, 30));
        Assert.Equal(all[..30], PingAll.Sample(all[..30], 30));
    }

    [Fact]
    public void Checksum_ExampleOfRfc1071_IsAsThere() => Assert.Equal(unchecked((ushort)~0xddf2), EchoSocket.Checksum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]));

    private static PingResult Spoil(PingResult r) => (r.From.Name, r.To.Name) switch
    {
        ("blue", "red") => r with { RttMs = null, SeenAs = null },
        ("red", "blue") => r with { RttMs = null },
        ("green", "blue") => r with { SeenAs = IpAddress.Parse("192.168.1.12") },
        ("node1", "grey") => r with { RttMs = null, SeenAs = null, Error = "ENETUNREACH (101) Network is unreachable" },
        ("grey", "internet") => r with { RttMs = null, SeenAs = r.From.Address },
        _ => r,
    };

    internal static PingReport Report(int podsPerNode, Func<PingResult, PingResult> change)
    {
        Topology view = Topology.Of(DrawnLab.Make(2, podsPerNode));
        PingEndpoint[] pods = [.. view.Nodes.SelectMany(n => n.Pods).Select(p => new PingEndpoint(p.Name, LabKind.Pod, p.Addresses[0].Address, p.Node))];
        PingEndpoint[] nodes = [.. view.Nodes.Select(n => new PingEndpoint(n.Name, LabKind.Node, n.Addresses[0].Address))];
        var internet = new PingEndpoint("internet", LabKind.Internet, IpAddress.Parse("8.8.8.8"));
        var results = new List<PingResult>();
        foreach (PingEndpoint from in pods.Concat(nodes))
        {
            foreach (PingEndpoint to in pods.Where(p => p != from)) results.Add(new PingResult(from, to, from.Node == to.Node ? 0.05 : 0.09, from.Address, from.Address, null));
        }

        foreach (PingEndpoint pod in pods)
        {
            IpAddress node = nodes.Single(n => n.Name == pod.Node).Address;
            results.Add(new PingResult(pod, internet, 0.11, node, node, null));
        }

        return new PingReport(pods, nodes, internet, [.. results.Select(change)], pods.Length, nodes.Length, false);
    }
}
