using Twill.Lab;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Route;
using Twill.Topo.Scene;

namespace Twill.Tests.Topo;

/// <summary>The labs that are drawn in every format.</summary>
internal static class Pictures
{
    internal static IReadOnlyDictionary<string, (LabState State, LayoutOptions Options)> All { get; } = new Dictionary<string, (LabState, LayoutOptions)>
    {
        ["direct"] = (DrawnLab.Make(3, 2), new LayoutOptions()),
        ["router"] = (DrawnLab.Make(3, 2, LabMode.Router), new LayoutOptions()),
        ["dual"] = (DrawnLab.Make(3, 2, v6: true), new LayoutOptions()),
        ["ipv6"] = (DrawnLab.Make(3, 2, v4: false, v6: true), new LayoutOptions()),
        ["empty"] = (Empty(), new LayoutOptions()),
        ["broken"] = (Broken(), new LayoutOptions()),
        ["many-pods"] = (DrawnLab.Make(2, 45), new LayoutOptions { Keep = new HashSet<string> { "coral" } }),
        ["rows"] = (DrawnLab.Make(5, 10), new LayoutOptions()),
        ["fifty-nodes"] = (DrawnLab.Make(50, 20), new LayoutOptions { Keep = new HashSet<string> { "coral" } }),
        ["long-names"] = (DrawnLab.Make(3, 2, podName: i => $"checkout-service-with-a-very-long-name-7c9f8d6b5-{i:x5}-and-then-some-more"), new LayoutOptions()),
        ["containers"] = (Containers(), new LayoutOptions()),
        ["wide"] = (DrawnLab.Make(2, 2), new LayoutOptions { Wide = true, Roomy = true, Width = 120 }),
        ["nothing"] = (new LabState(new LabSpec(), []), new LayoutOptions()),
    };

    /// <summary>Only namespaces and the LAN, as a learner finds it.</summary>
    private static LabState Empty()
    {
        LabState state = DrawnLab.Make(2, 2);
        return state with
        {
            Spec = state.Spec with { Empty = true },
            Namespaces =
            [
                .. state.Namespaces.Select(n => n.Kind switch
                {
                    LabKind.Node => n with { Links = [.. n.Links.Take(2)], Addresses = [.. n.Addresses.Take(1)], Routes = [], Forwarding = [], Sysctls = new Dictionary<string, string> { ["net/ipv4/ip_forward"] = "0" } },
                    LabKind.Pod => n with { Links = [.. n.Links.Take(1)], Addresses = [], Routes = [] },
                    _ => n,
                }),
            ],
        };
    }

    private static LabState Broken() => DrawnLab.Make(3, 2)
        .With("node1", n => n.WithLink("v-net-0", l => l with { Up = false, Carrier = false }) with { Sysctls = new Dictionary<string, string> { ["net/ipv4/ip_forward"] = "0" } })
        .With("node2", n => n.WithLink(DrawnLab.Cable(2, 0), l => l with { Master = null, Port = null }).WithLink(DrawnLab.Cable(2, 1), l => l with { Carrier = false }) with { Routes = [.. n.Routes.Where(r => r.Destination != IpPrefix.Parse("10.244.3.0/24"))] })
        .With("grey", n => n.WithLink("eth0", l => l with { Up = false, Carrier = false }))
        .With("node3", n => n with { Routes = [.. n.Routes.Select(r => r.Destination == IpPrefix.Parse("10.244.1.0/24") ? r with { Via = IpAddress.Parse("192.168.1.99") } : r)] })
        .With("pink", n => n with { Links = [.. n.Links.Take(1)], Addresses = [], Routes = [] });

    private static LabState Containers()
    {
        LabState state = DrawnLab.Make(2, 1);
        return state with { Spec = state.Spec with { Pods = [state.Spec.Pods[0] with { Containers = ["web", "probe"] }, state.Spec.Pods[1]] } };
    }
}
