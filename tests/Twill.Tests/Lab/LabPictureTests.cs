using Twill.Lab;
using Xunit;

namespace Twill.Tests.Lab;

public sealed class LabPictureTests
{
    private static readonly string s_pictures = Path.Combine(Golden.Directory(), "pictures");

    private static readonly Dictionary<string, (LabView View, Style Style)> s_cases = new()
    {
        ["three-nodes"] = (View(3, 2), Style.Plain),
        ["three-nodes-ascii"] = (View(3, 2), new Style(false, false)),
        ["one-node"] = (View(1, 1), Style.Plain),
        ["no-pods"] = (View(2, 0) with { Nodes = [.. View(2, 0).Nodes.Select(n => n with { Bridge = null })] }, Style.Plain),
        ["five-nodes-ten-pods"] = (View(5, 10), Style.Plain),
        ["counts"] = (View(2, 60), Style.Plain),
        ["table"] = (View(8, 20), Style.Plain),
        ["not-attached"] = (Broken(), Style.Plain),
        ["nothing"] = (new LabView([], null, null), Style.Plain),
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_Case_IsAsDrawn(string name) => Golden.Check(Path.Combine(s_pictures, $"{name}.txt"), LabPicture.Draw(s_cases[name].View, s_cases[name].Style));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_AnyLab_KeepsTo80ColumnsAndStraightBoxes(string name)
    {
        string[] lines = LabPicture.Draw(s_cases[name].View, s_cases[name].Style).Split('\n');
        Assert.All(lines, l => Assert.True(l.Length <= 80, $"{l.Length} columns: {l}"));
        Assert.DoesNotContain(lines, l => l.StartsWith('│') && !l.EndsWith('│'));
    }

    [Fact]
    public void Draw_Ascii_HasNothingElse() => Assert.All(LabPicture.Draw(View(3, 2), new Style(false, false)), c => Assert.True(c < 128));

    [Fact]
    public void Draw_LongAddresses_TakeFewerNodesAbreast()
    {
        LabView view = View(3, 2);
        view = view with { Nodes = [.. view.Nodes.Select(n => n with { Pods = [.. n.Pods.Select(p => p with { Name = $"a-rather-long-pod-name-{p.Name}" })] })] };
        string[] lines = LabPicture.Draw(view, Style.Plain).Split('\n');
        Assert.All(lines, l => Assert.True(l.Length <= 80));
        Assert.Equal(3, lines.Count(l => l.StartsWith('┌')));
    }

    internal static LabView View(int nodes, int pods) => new(
        [.. Enumerable.Range(1, nodes).Select(i => new NodeView(
            $"node{i}", i, [$"192.168.1.{10 + i}/24", $"fd00:192:168:1::{10 + i}/64"], 1500, new BridgeView("v-net-0", [$"10.244.{i}.1/24", $"fd00:10:244:{i}::1/64"]),
            [.. Enumerable.Range(0, pods).Select(j => new PodView(
                LabNames.Pod(((i - 1) * pods) + j), $"node{i}", "eth0", $"twaznip0af4{i:x2}{2 + j:x2}", [$"10.244.{i}.{2 + j}/24"], [$"10.244.{i}.{2 + j}/24"], $"10.244.{i}.1"))],
            [
                new RouteLine("default", "192.168.1.1", "router"),
                .. Enumerable.Range(1, nodes).Where(k => k != i).Select(k => new RouteLine($"10.244.{k}.0/24", $"192.168.1.{10 + k}", $"node{k}")),
                .. Enumerable.Range(1, nodes).Where(k => k != i).Select(k => new RouteLine($"fd00:10:244:{k}::/64", $"fd00:192:168:1::{10 + k}", $"node{k}")),
            ]))],
        new RouterView("router", ["192.168.1.1/24", "fd00:192:168:1::1/64"], ["203.0.113.1/24"]),
        new InternetView("internet", ["8.8.8.8/32", "2001:4860:4860::8888/128"]));

    private static LabView Broken()
    {
        LabView view = View(2, 2);
        NodeView first = view.Nodes[0];
        first = first with { Pods = [first.Pods[0] with { HostInterface = null, Addresses = [] }, first.Pods[1]], Routes = [first.Routes[0], new RouteLine("10.244.2.0/24", "192.168.1.99", null)] };
        return view with { Nodes = [first, view.Nodes[1] with { Addresses = [], Mtu = 0 }], Router = null, Internet = null };
    }
}
