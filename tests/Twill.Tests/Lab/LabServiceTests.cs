using Twill.Lab;
using Twill.Lab.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Lab;

public sealed class LabServiceTests
{
    private static readonly LabSpec s_lab = new LabSpec().Grown(3, 2);

    [Fact]
    public void WithService_ThatIsThere_KeepsItsAddressesAndPort()
    {
        LabSpec two = s_lab.WithService("web", ["blue"], 80, null, 0, false).WithService("shop", ["red"], 80, 8080, 0, true);
        LabSpec changed = two.WithService("web", ["red", "blue", "red"], 8080, null, 0, true);
        Assert.Equal([1, 2], changed.Services.Select(s => s.Number));
        LabServiceSpec web = changed.Service("web");
        Assert.Equal(((ushort)8080, (ushort)8080, (ushort)30080, true), (web.Port, web.Target, web.NodePort, web.LoadBalancer));
        Assert.Equal(["blue", "red"], web.Pods);
        Assert.Equal(30081, changed.Service("shop").NodePort);
        Assert.Equal(1, changed.WithoutService("web").WithService("new", ["blue"], 81, null, null, false).Service("new").Number);
    }

    [Fact]
    public void WithService_AtTheContainersPort_GivesPodsOne()
    {
        LabSpec spec = s_lab.WithPod("shop", null, ["probe"]).WithService("web", ["blue", "shop"], 8000, 80, null, false);
        Assert.Equal(["web"], spec.Pods.Single(p => p.Name == "blue").Containers);
        Assert.Equal(["web", "probe"], spec.Pods.Single(p => p.Name == "shop").Containers);
        Assert.Empty(s_lab.WithService("web", ["blue"], 8000, null, null, false).Pods.Single(p => p.Name == "blue").Containers);
    }

    [Fact]
    public void WithoutPod_OfAService_LeavesTheServiceWithoutIt()
    {
        LabSpec spec = s_lab.WithService("web", ["blue", "green"], 80, null, null, false);
        Assert.Equal(["green"], spec.WithoutPod("blue").Service("web").Pods);
        Assert.Equal(["blue"], spec.WithoutNode("node2").Service("web").Pods);
        Assert.Empty(spec.WithoutPod("blue").WithoutPod("green").Service("web").Pods);
    }

    [Theory]
    [InlineData("web", "purple", 0, "no pod purple")]
    [InlineData("web", "bleu", 0, "did you mean blue?")]
    [InlineData("web", "", 0, "has no pods")]
    [InlineData("Web", "blue", 0, "service name \"Web\"")]
    [InlineData("new", "blue", 30080, "node port 30080 is that of service web")]
    public void WithService_ThatCannotBe_SaysWhy(string name, string pods, int nodePort, string why)
    {
        LabSpec spec = s_lab.WithService("web", ["blue"], 80, null, 0, false);
        var fault = Assert.Throws<LabException>(() => spec.WithService(name, pods.Split(',', StringSplitOptions.RemoveEmptyEntries), 80, null, nodePort == 0 ? null : (ushort)nodePort, false));
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithService_MoreThanThereAreAddressesFor_IsRefused()
    {
        LabSpec spec = s_lab;
        for (int i = 0; i < LabSpec.MaxServices; i++) spec = spec.WithService($"s{i}", ["blue"], 80, null, 0, true);
        Assert.Equal(LabSpec.MaxServices, spec.Services.Select(s => s.NodePort).Distinct().Count());
        Assert.Contains("makes room", Assert.Throws<LabException>(() => spec.WithService("more", ["blue"], 80, null, null, false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Words_OfServices_FitIntoNamesAndAreReadBack()
    {
        LabSpec large = new LabSpec().Grown(1, 100);
        LabSpec spec = large.WithService("a-rather-long-name-of-a-service-of-forty", [.. large.Pods.Take(LabSpec.MaxServicePods).Select(p => p.Name)], 80, 8080, 0, true).WithService("b", ["blue"], 443, null, null, false);
        IReadOnlyList<string> words = LabServiceWords.Of(spec.Services);
        Assert.All(words, w => Assert.InRange(w.Length, 1, LinkKey.MaxAltNameBytes));
        Assert.Equal(spec.Services, LabServiceWords.Read([.. words.Reverse(), "eth0-elsewhere"]));
        Assert.Equal(spec.Services, LabMark.Parse("router", LabMark.Router(spec).Text, words)!.Services);

        // Killed before the last name was written: as if nothing were there.
        Assert.Empty(LabServiceWords.Read([.. LabServiceWords.Of([spec.Services[0]]).SkipLast(1)]));
    }

    [Fact]
    public void File_WithServices_KeepsWhatItNamesAndDropsTheRest()
    {
        LabSpec present = s_lab.WithService("old", ["red"], 80, null, null, false).WithService("web", ["red"], 80, null, null, false);
        LabSpec spec = LabFile.Parse("""
            nodes: 3
            services:
            - {name: web, pods: [blue, green], port: 8080, target: 80, nodePort: 30001, loadBalancer: true}
            """u8, "lab.yaml", present);
        LabServiceSpec web = Assert.Single(spec.Services);
        Assert.Equal(new LabServiceSpec("web", 2, 8080) { Target = 80, NodePort = 30001, LoadBalancer = true, Pods = ["blue", "green"] }, web);
        Assert.Equal(["web"], spec.Pods.Single(p => p.Name == "green").Containers);
    }

    [Theory]
    [InlineData("services: [{name: web, pods: [purple]}]", "services[0].name", "no pod purple")]
    [InlineData("services: [{name: web, pods: [blue], port: 0}]", "services[0].port", "1")]
    [InlineData("services: [{name: web, pods: [blue]}, {name: web, pods: [red]}]", "services[1].name", "a second service")]
    [InlineData("services: [{name: web, pod: [blue]}]", "services[0].pod", "did you mean pods?")]
    public void File_ServiceWrong_SaysWhere(string text, string where, string what)
    {
        var fault = Assert.Throws<LabException>(() => LabFile.Parse(System.Text.Encoding.UTF8.GetBytes($"nodes: 3\n{text}"), "lab.yaml", s_lab));
        Assert.Contains(where, fault.Message, StringComparison.Ordinal);
        Assert.Contains(what, fault.Message, StringComparison.Ordinal);
    }
}
