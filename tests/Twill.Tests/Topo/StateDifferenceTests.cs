using Twill.Lab;
using Twill.Lab.State;
using Twill.Linux.Route;
using Twill.Tests.Lab;
using Twill.Topo.Compare;
using Xunit;

namespace Twill.Tests.Topo;

public sealed class StateDifferenceTests
{
    private static readonly LabState s_lab = DrawnLab.Make(3, 2);

    /// <summary>The lab with a change of every kind.</summary>
    internal static LabState Later { get; } = Change(s_lab
            .With("node1", n => n.WithLink("eth0", l => l with { Mtu = 1400 }).WithLink("v-net-0", l => l with { Up = false, Carrier = false }) with { Routes = [.. n.Routes.Where(r => r.Destination.ToString() != "10.244.2.0/24"), new RouteState(IpPrefix.Parse("10.9.0.0/16"), null, null, RouteProtocol.Boot, Type: RouteType.Blackhole)], Sysctls = new Dictionary<string, string> { ["net/ipv4/ip_forward"] = "0" } })
            .With("node2", n => n.WithLink(DrawnLab.Cable(2, 0), l => l with { Master = null, Port = null, Carrier = false }).WithLink(DrawnLab.Cable(2, 1), l => l with { Port = l.Port!.Value with { Hairpin = true } }))
            .With("blue", n => n with { Addresses = [.. n.Addresses, new AddressState("eth0", IpPrefix.Parse("10.244.1.99/24"))] }));

    [Fact]
    public void Between_TheSame_IsNothing()
    {
        Assert.Empty(StateDifference.Between(s_lab, DrawnLab.Make(3, 2)));
        Assert.Equal("nothing changed\n", DifferenceText.Lines([], Style.Plain));
    }

    [Fact]
    public void Between_WhatChangesByItself_IsNothing()
    {
        LabState later = s_lab.With("node1", n => n with
        {
            Links = [.. n.Links.Select(l => l with { Index = l.Index + 50 })],
            Forwarding = [],
            Neighbours = [new NeighbourEntry(IpAddress.Parse("192.168.1.12"), "eth0", null, NeighbourState.Failed)],
        });
        Assert.Empty(StateDifference.Between(s_lab, later));
    }

    [Fact]
    public void Between_PodGone_TellsThePodAlone()
    {
        LabState later = s_lab with { Namespaces = [.. s_lab.Namespaces.Where(n => n.Name != "teal")] };
        later = later.With("node3", n => n with { Links = [.. n.Links.Where(l => l.PeerNamespace != "teal")] });
        Assert.Equal("- pod teal on node3\n", Lines(s_lab, later));
        Assert.Equal("+ pod teal on node3\n", Lines(later, s_lab));
    }

    [Fact]
    public void Between_PodMoved_IsAnotherPod()
    {
        LabState later = s_lab.With("teal", n => n with { Node = "node1" });
        Assert.Equal("- pod teal on node3\n+ pod teal on node1\n", Lines(s_lab, later));
    }

    [Fact]
    public void Between_ManyChanges_IsAsWritten()
    {
        Golden.Check(Path.Combine(Golden.Directory(), "golden", "difference.txt"), Lines(s_lab, Later));
        Golden.Check(Path.Combine(Golden.Directory(), "golden", "difference.json"), DifferenceText.Json(StateDifference.Between(s_lab, Later)));
    }

    private static LabState Change(LabState later) => later with { Spec = later.Spec with { Pods = [later.Spec.Pods[0] with { Containers = ["web"] }, .. later.Spec.Pods.Skip(1)] }, Namespaces = [.. later.Namespaces.Where(n => n.Name != "teal")] };

    private static string Lines(LabState was, LabState now) => DifferenceText.Lines(StateDifference.Between(was, now), Style.Plain);
}
