using System.Collections.Immutable;
using System.Text;
using Twill.Lab;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;
using Twill.Tests.Lab;
using Xunit;

namespace Twill.Tests.Topo;

public sealed class LabStateJsonTests
{
    public static TheoryData<string> Cases => [.. Pictures.All.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_WhatWasWritten_IsTheSame(string name)
    {
        string json = LabStateJson.Write(Pictures.All[name].State);
        Assert.Equal(json, LabStateJson.Write(Read(json)));
    }

    [Fact]
    public void Read_EveryField_ComesBack()
    {
        LabState state = Full();
        NamespaceState was = state.Namespaces[0], now = Read(LabStateJson.Write(state)).Namespaces[0];
        Assert.Equal(was.Links.Select(l => l with { AltNames = [] }), now.Links.Select(l => l with { AltNames = [] }));
        Assert.Equal(was.Links.SelectMany(l => l.AltNames), now.Links.SelectMany(l => l.AltNames));
        Assert.Equal(was.Addresses, now.Addresses);
        Assert.Equal(was.Routes, now.Routes);
        Assert.Equal(was.Neighbours, now.Neighbours);
        Assert.Equal(was.Forwarding, now.Forwarding);
        Assert.Equal(was.Sysctls, now.Sysctls);
        Assert.Equal(was.Chains, now.Chains);
        Assert.Equal(was.Rules, now.Rules);
        Assert.Equal(was.Containers, now.Containers);
        Assert.Equal((state.Spec.Size, state.Spec.Pods[0]), (Read(LabStateJson.Write(state)).Spec.Size, Read(LabStateJson.Write(state)).Spec.Pods[0]));
        Assert.Equal(state.Spec.Services, Read(LabStateJson.Write(state)).Spec.Services);
        Assert.Equal((was.Name, was.Kind, was.Index, was.Node), (now.Name, now.Kind, now.Index, now.Node));
    }

    [Fact]
    public void Write_EveryField_IsAsKept() => Golden.Check(Path.Combine(Golden.Directory(), "golden", "state.json"), LabStateJson.Write(Full()));

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "is not an object")]
    [InlineData("{}", "has no field \"schema\"")]
    [InlineData("""{"schema": "twill.dev/topo/v9"}""", "saved.json.schema: \"twill.dev/topo/v9\"; expected \"twill.dev/topo/v1\"")]
    public void Read_SomethingElse_SaysWhat(string json, string message) => Assert.Contains(message, Assert.Throws<LabException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"10.244.1.1/24\"", "\"10.244.1.1\"", "saved.json.namespaces[0].addresses[0].address: \"10.244.1.1\" is not an address with a prefix length")]
    [InlineData("\"kind\": \"node\"", "\"kind\": \"planet\"", "saved.json.namespaces[0].kind: \"planet\" is none of router, internet, node, pod")]
    [InlineData("\"mtu\": 1400", "\"mtu\": 1400.5", "saved.json.namespaces[0].links[0].mtu: is not a whole number")]
    [InlineData("\"up\": true", "\"up\": \"yes\"", "links[0].up: is neither true nor false")]
    [InlineData("\"local\": true", "\"lokal\": true", "forwarding[0]: has no field \"local\"")]
    [InlineData("\"expressions\": \"", "\"expressions\": \"AAAAAAAA", "rules[0].expressions")]
    public void Read_WrongField_NamesItByItsPath(string was, string now, string message)
    {
        string json = LabStateJson.Write(Full());
        Assert.Contains(was, json, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<LabException>(() => Read(json.Replace(was, now, StringComparison.Ordinal))).Message, StringComparison.Ordinal);
    }

    private static LabState Read(string json) => LabStateJson.Read(Encoding.UTF8.GetBytes(json), "saved.json");

    /// <summary>One namespace with something in every field.</summary>
    internal static LabState Full()
    {
        var chain = new NftChain(new NftTable(NftFamily.Inet, "twill"), "postrouting");
        LabSpec spec = DrawnLab.Make(1, 1).Spec;
        return new LabState(spec with { Size = (1, 1), Pods = [spec.Pods[0] with { Number = 1, Containers = ["web"] }], Services = [new LabServiceSpec("shop", 3, 80) { Target = 8080, NodePort = 30080, LoadBalancer = true, Pods = ["blue"] }] },
        [
            new NamespaceState
            {
                Name = "node1",
                Kind = LabKind.Node,
                Index = 1,
                Links =
                [
                    new LinkState(7, "cable", "veth", new MacAddress(0x0e0102030405), 1400, true, false, "v-net-0", "blue", "eth0")
                    {
                        Alias = "twill net=lab <&>",
                        AltNames = ["twill:blue:eth0", "other"],
                        CallsNftables = true,
                        Port = new BridgePort { State = BridgePortState.Forwarding, Hairpin = true, Isolated = true, Locked = true, Learning = true, Flood = true, McastFlood = true, BroadcastFlood = true, NeighSuppress = true },
                    },
                ],
                Addresses = [new AddressState("v-net-0", IpPrefix.Parse("10.244.1.1/24"))],
                Routes =
                [
                    new RouteState(IpPrefix.Parse("10.244.2.0/24"), IpAddress.Parse("192.168.1.12"), "eth0", new RouteProtocol(77), 3_000_000_000, IpAddress.Parse("192.168.1.11")),
                    new RouteState(IpPrefix.Parse("fd00::/8"), null, null, RouteProtocol.Static, Type: RouteType.Blackhole),
                ],
                Neighbours = [new NeighbourEntry(IpAddress.Parse("192.168.1.12"), "eth0", new MacAddress(5), NeighbourState.Stale | NeighbourState.NoArp), new NeighbourEntry(IpAddress.Parse("192.168.1.13"), "eth0", null, NeighbourState.Failed)],
                Forwarding = [new ForwardingEntry(new MacAddress(9), "v-net-0", "cable", true)],
                Sysctls = new Dictionary<string, string> { ["net/ipv4/ip_forward"] = "1" },
                Containers = ["web"],
                Chains = [chain with { Hook = NftHook.Nat(NftHookPoint.Postrouting), Policy = NftVerdict.Accept, Comment = "ours", Handle = 3, Use = 1 }],
                Rules = [new NftRuleInfo(chain, 4, 0, "twill lab", ImmutableArray.Create<NftExpression>(new NftCounter(0, 0)), new NftBytes([1, 2, 3]))],
            },
        ]);
    }
}
