using System.Text.Json;
using Twill.Lab.Model;
using Twill.Linux.Netlink;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;

namespace Twill.Lab.State;

internal static partial class LabStateJson
{
    private static readonly NftFamily[] s_families = [NftFamily.Inet, NftFamily.Ip, NftFamily.Ip6, NftFamily.Arp, NftFamily.Netdev, NftFamily.Bridge];

    private static readonly string[] s_keywords = Array.ConvertAll(s_families, f => f.Keyword);

    /// <summary>What <see cref="Write(LabState, bool)"/> wrote. Unknown fields are skipped.</summary>
    /// <exception cref="LabException">No such JSON: which field, and what was expected of it.</exception>
    internal static LabState Read(ReadOnlyMemory<byte> utf8, string source)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8);
        }
        catch (JsonException e)
        {
            throw new LabException($"{source}: not JSON: {e.Message}");
        }

        using (document)
        {
            var root = new StateField(document.RootElement, source);
            string schema = root.Get("schema").Text();
            if (schema != Schema) throw root.Get("schema").Wrong($"\"{schema}\"; expected \"{Schema}\", which `twill topo -o json` writes");
            return new LabState(Spec(root.Get("spec")), root.List("namespaces", Namespace));
        }
    }

    private static LabSpec Spec(StateField spec) => new()
    {
        Mode = (LabMode)spec.Get("mode").OneOf([.. LabWords.Modes]),
        Source = spec.Find("source") is { } told ? (LabSource)told.OneOf([.. LabWords.Sources]) : LabSource.None,
        V4 = spec.Get("ipv4").Flag(),
        V6 = spec.Get("ipv6").Flag(),
        Empty = spec.Get("empty").Flag(),
        Size = spec.Find("size") is { } size ? (size.Get("nodes").Number(), size.Get("pods").Number()) : null,
        Nodes = spec.List("nodes", static n => new LabNodeSpec(n.Number())),
        Pods = spec.List("pods", static p => new LabPodSpec(p.Get("name").Text(), p.Get("node").Text()) { Number = p.Find("number")?.Number() ?? 0, Containers = p.List("containers", static c => c.Text()) }),
        Services = spec.Find("services") is null ? [] : spec.List("services", Service),
    };

    private static LabServiceSpec Service(StateField service) => new(service.Get("name").Text(), service.Get("number").Number(), PortNumber(service.Get("port")))
    {
        Target = PortNumber(service.Get("target")),
        NodePort = service.Find("nodePort") is { } port ? PortNumber(port) : (ushort)0,
        LoadBalancer = service.Find("loadBalancer")?.Flag() ?? false,
        Pods = service.List("pods", static p => p.Text()),
    };

    private static ushort PortNumber(StateField port) => port.Number() is var number and >= 0 and <= ushort.MaxValue ? (ushort)number : throw port.Wrong("is not a port");

    private static NamespaceState Namespace(StateField network) => new()
    {
        Name = network.Get("name").Text(),
        Kind = (LabKind)network.Get("kind").OneOf("router", "internet", "node", "pod"),
        Index = network.Find("index")?.Number() ?? 0,
        Node = network.Find("node")?.Text() ?? "",
        Links = network.List("links", Link),
        Addresses = network.List("addresses", static a => new AddressState(a.Get("device").Text(), a.Get("address").Prefix())),
        Routes = network.List("routes", Route),
        Neighbours = network.List("neighbours", static n => new NeighbourEntry(n.Get("address").Address(), n.Get("device").Text(), n.Find("mac")?.Mac(), (NeighbourState)n.Get("state").Named(typeof(NeighbourState)))),
        Forwarding = network.List("forwarding", static f => new ForwardingEntry(f.Get("mac").Mac(), f.Get("bridge").Text(), f.Get("port").Text(), f.Get("local").Flag())),
        Sysctls = network.Get("sysctls").Texts(),
        Chains = network.List("chains", Chain),
        Rules = network.List("rules", Rule),
        Tunnels = network.Find("tunnels") is null ? [] : network.List("tunnels", static t => new TunnelEntry(t.Get("device").Text(), t.Get("mac").Mac(), t.Get("remote").Address())),
        Agent = network.Find("agent")?.Text() ?? "",
        Containers = network.Find("containers") is null ? [] : network.List("containers", static c => c.Text()),
    };

    private static LinkState Link(StateField link)
        => new(link.Get("index").Number(), link.Get("name").Text(), link.Get("kind").Text(), link.Find("mac")?.Mac(), link.Get("mtu").Number(), link.Get("up").Flag(), link.Get("carrier").Flag(), link.Find("master")?.Text(), link.Find("peerNamespace")?.Text(), link.Find("peer")?.Text())
        {
            Alias = link.Find("alias")?.Text() ?? "",
            AltNames = link.Find("altNames") is null ? [] : link.List("altNames", static a => a.Text()),
            CallsNftables = link.Find("callsNftables")?.Flag() ?? false,
            Port = link.Find("port") is { } port ? Switches(port) : null,
        };

    private static BridgePort Switches(StateField port)
    {
        bool On(string name) => port.Find(name)?.Flag() ?? false;
        return new BridgePort
        {
            State = (BridgePortState)port.Get("state").Named(typeof(BridgePortState)),
            Hairpin = On("hairpin"),
            Isolated = On("isolated"),
            Locked = On("locked"),
            Learning = On("learning"),
            Flood = On("flood"),
            McastFlood = On("mcastFlood"),
            BroadcastFlood = On("broadcastFlood"),
            NeighSuppress = On("neighSuppress"),
        };
    }

    private static RouteState Route(StateField route)
        => new(route.Get("destination").Prefix(), route.Find("via")?.Address(), route.Find("device")?.Text(), new RouteProtocol((byte)route.Get("protocol").Number()), (uint)(route.Find("metric")?.Long() ?? 0), route.Find("source")?.Address(), route.Find("type") is { } type ? (RouteType)type.Named(typeof(RouteType)) : RouteType.Unicast);

    private static NftChain Chain(StateField chain) => new(Table(chain), chain.Get("name").Text())
    {
        Hook = chain.Find("hook") is { } hook
            ? new NftHook(hook.Get("type").Text(), (NftHookPoint)hook.Get("point").Named(typeof(NftHookPoint)), hook.Get("priority").Number()) { Devices = hook.Find("devices") is null ? [] : [.. hook.List("devices", static d => d.Text())] }
            : null,
        Policy = chain.Find("policy") is { } policy ? new NftVerdict(policy.Number()) : null,
        Comment = chain.Find("comment")?.Text(),
        Handle = (ulong)chain.Get("handle").Long(),
        Use = (uint)chain.Get("use").Long(),
    };

    private static NftRuleInfo Rule(StateField rule)
    {
        StateField expressions = rule.Get("expressions");
        try
        {
            return new NftRuleInfo(new NftChain(Table(rule), rule.Get("chain").Text()), (ulong)rule.Get("handle").Long(), (ulong)rule.Get("position").Long(), rule.Find("comment")?.Text(), NftWire.Read(expressions.Bytes()), new NftBytes(rule.Find("userData")?.Bytes() ?? []));
        }
        catch (NetlinkProtocolException e)
        {
            throw expressions.Wrong($"not a rule's expressions: {e.Message}");
        }
    }

    private static NftTable Table(StateField of) => new(s_families[of.Get("family").OneOf(s_keywords)], of.Get("table").Text());
}
