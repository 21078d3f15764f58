using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Plugin;

/// <summary>Namespaces vanish without DEL, as when a node or a runtime dies (fault F12). The reference keeps every lease: see <see cref="NegativeControlTests"/>.</summary>
public sealed class RebootTests
{
    private const int VanishTimeoutMs = 10_000;

    [Theory]
    [InlineData("plain")]
    [InlineData("masquerade")]
    [InlineData("dual")]
    [Trait("cni", "D03")]
    public void Reboot_ThreeTimesTwentyPods_NoAddressIsHeldAndNoLinkLeft(string configuration)
    {
        Net net = configuration switch { "plain" => Net.Plain("10.88.0.0/27"), "masquerade" => Net.Masquerade(), _ => Net.Dual() };
        using var host = new HostNamespace();
        for (int boot = 0; boot < 3; boot++)
        {
            Pod[] pods = [.. Enumerable.Range(0, 20).Select(_ => host.NewPod())];
            PluginOutcome[] adds = [.. pods.Select(p => net.Add(host, p).Succeeded())];
            Expect.None(net.Audit(host, [.. adds.Select(net.AttachmentOf)]));
            foreach (Pod pod in pods) pod.Vanish();
            IReadOnlyList<string> problems = [];
            host.LookUntil(s => (problems = net.Audit(WithoutIfbs(s), [])).Count == 0, VanishTimeoutMs);
            Assert.True(problems.Count == 0, $"boot {boot}: {problems.Count} left: {string.Join("; ", problems.Take(5))}");
        }

        // An ifb device holds no address, but nothing ties it to a namespace: the next ADD of a shaped pod must take those away that are left over.
        Pod last = host.NewPod();
        PluginOutcome add = net.Add(host, last).Succeeded();
        Expect.None(net.Audit(host, net.AttachmentOf(add)));
        net.Del(host, last).Succeeded();
        Expect.None(net.Audit(host));

        static HostState WithoutIfbs(HostState state) => state with { Links = [.. state.Links.Where(l => l.Kind != "ifb")] };
    }

    [Fact]
    [Trait("cni", "D03")]
    public void Reboot_HostItselfStartsAgain_NothingOfTheOldOneCounts()
    {
        Net net = Net.Dual();
        for (int boot = 0; boot < 3; boot++)
        {
            using var host = new HostNamespace();
            Pod[] pods = [.. Enumerable.Range(0, 20).Select(_ => host.NewPod())];
            PluginOutcome[] adds = [.. pods.Select(p => net.Add(host, p).Succeeded())];
            Expect.None(net.Audit(host, [.. adds.Select(net.AttachmentOf)]));
        }
    }
}
