using System.Text;
using System.Text.Json;
using Twill.Lab.Model;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;

namespace Twill.Lab.State;

/// <summary>A network's whole state as JSON, to keep, to compare with and to draw elsewhere. Fields are only ever added.</summary>
internal static partial class LabStateJson
{
    internal const string Schema = "twill.dev/topo/v1";

    internal static string Write(LabState state, bool indented = true)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = indented }))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            Write(json, state.Spec);
            json.WriteStartArray("namespaces");
            foreach (NamespaceState network in state.Namespaces) Write(json, network);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter json, LabSpec spec)
    {
        json.WriteStartObject("spec");
        json.WriteString("mode", LabWords.Of(spec.Mode));
        if (spec.Source != LabSource.None) json.WriteString("source", LabWords.Of(spec.Source));
        json.WriteBoolean("ipv4", spec.V4);
        json.WriteBoolean("ipv6", spec.V6);
        json.WriteBoolean("empty", spec.Empty);
        if (spec.Size is { } size)
        {
            json.WriteStartObject("size");
            json.WriteNumber("nodes", size.Nodes);
            json.WriteNumber("pods", size.Pods);
            json.WriteEndObject();
        }

        json.WriteStartArray("nodes");
        foreach (LabNodeSpec node in spec.Nodes) json.WriteNumberValue(node.Index);
        json.WriteEndArray();
        json.WriteStartArray("pods");
        foreach (LabPodSpec pod in spec.Pods)
        {
            json.WriteStartObject();
            json.WriteString("name", pod.Name);
            json.WriteString("node", pod.Node);
            if (pod.Number != 0) json.WriteNumber("number", pod.Number);
            Texts(json, "containers", pod.Containers);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (spec.Services.Count > 0)
        {
            Objects(json, "services", spec.Services, static (j, s) =>
            {
                j.WriteString("name", s.Name);
                j.WriteNumber("number", s.Number);
                j.WriteNumber("port", s.Port);
                j.WriteNumber("target", s.Target);
                if (s.NodePort > 0) j.WriteNumber("nodePort", s.NodePort);
                if (s.LoadBalancer) j.WriteBoolean("loadBalancer", true);
                Texts(j, "pods", s.Pods);
            });
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, NamespaceState network)
    {
        json.WriteStartObject();
        json.WriteString("name", network.Name);
        json.WriteString("kind", network.Kind.ToString().ToLowerInvariant());
        if (network.Kind == LabKind.Node) json.WriteNumber("index", network.Index);
        if (network.Kind == LabKind.Pod) json.WriteString("node", network.Node);
        Objects(json, "links", network.Links, Write);
        Objects(json, "addresses", network.Addresses, static (j, a) =>
        {
            j.WriteString("device", a.Device);
            j.WriteString("address", a.Address.ToString());
        });
        Objects(json, "routes", network.Routes, Write);
        Objects(json, "neighbours", network.Neighbours, static (j, n) =>
        {
            j.WriteString("address", n.Address.ToString());
            j.WriteString("device", n.Device);
            if (n.Mac is { } mac) j.WriteString("mac", mac.ToString());
            j.WriteString("state", n.State.ToString());
        });
        Objects(json, "forwarding", network.Forwarding, static (j, f) =>
        {
            j.WriteString("mac", f.Mac.ToString());
            j.WriteString("bridge", f.Bridge);
            j.WriteString("port", f.Port);
            j.WriteBoolean("local", f.Local);
        });
        if (network.Tunnels.Count > 0)
        {
            Objects(json, "tunnels", network.Tunnels, static (j, t) =>
            {
                j.WriteString("device", t.Device);
                j.WriteString("mac", t.Mac.ToString());
                j.WriteString("remote", t.Remote.ToString());
            });
        }

        json.WriteStartObject("sysctls");
        foreach ((string key, string value) in network.Sysctls) json.WriteString(key, value);
        json.WriteEndObject();
        Objects(json, "chains", network.Chains, Write);
        Objects(json, "rules", network.Rules, Write);
        if (network.Agent.Length > 0) json.WriteString("agent", network.Agent);
        if (network.Containers.Count > 0) Texts(json, "containers", network.Containers);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LinkState link)
    {
        json.WriteNumber("index", link.Index);
        json.WriteString("name", link.Name);
        json.WriteString("kind", link.Kind);
        if (link.Mac is { } mac) json.WriteString("mac", mac.ToString());
        json.WriteNumber("mtu", link.Mtu);
        json.WriteBoolean("up", link.Up);
        json.WriteBoolean("carrier", link.Carrier);
        if (link.Master is { } master) json.WriteString("master", master);
        if (link.PeerNamespace is { } there) json.WriteString("peerNamespace", there);
        if (link.Peer is { } peer) json.WriteString("peer", peer);
        if (link.Alias.Length > 0) json.WriteString("alias", link.Alias);
        if (link.AltNames.Count > 0) Texts(json, "altNames", link.AltNames);
        if (link.CallsNftables) json.WriteBoolean("callsNftables", true);
        if (link.Port is not { } port) return;
        json.WriteStartObject("port");
        json.WriteString("state", port.State.ToString().ToLowerInvariant());
        foreach (string name in Switches(port)) json.WriteBoolean(name, true);
        json.WriteEndObject();
    }

    /// <summary>A port's switches that are on, by their names.</summary>
    internal static IEnumerable<string> Switches(BridgePort port)
    {
        if (port.Hairpin) yield return "hairpin";
        if (port.Isolated) yield return "isolated";
        if (port.Locked) yield return "locked";
        if (port.Learning) yield return "learning";
        if (port.Flood) yield return "flood";
        if (port.McastFlood) yield return "mcastFlood";
        if (port.BroadcastFlood) yield return "broadcastFlood";
        if (port.NeighSuppress) yield return "neighSuppress";
    }

    private static void Write(Utf8JsonWriter json, RouteState route)
    {
        json.WriteString("destination", route.Destination.ToString());
        if (route.Via is { } via) json.WriteString("via", via.ToString());
        if (route.Device is { } device) json.WriteString("device", device);
        json.WriteNumber("protocol", route.Protocol.Value);
        if (route.Metric != 0) json.WriteNumber("metric", route.Metric);
        if (route.Source is { } source) json.WriteString("source", source.ToString());
        if (route.Type != RouteType.Unicast) json.WriteString("type", route.Type.ToString().ToLowerInvariant());
    }

    private static void Write(Utf8JsonWriter json, NftChain chain)
    {
        json.WriteString("family", chain.Table.Family.Keyword);
        json.WriteString("table", chain.Table.Name);
        json.WriteString("name", chain.Name);
        if (chain.Hook is { } hook)
        {
            json.WriteStartObject("hook");
            json.WriteString("type", hook.Type);
            json.WriteString("point", hook.Point.ToString().ToLowerInvariant());
            json.WriteNumber("priority", hook.Priority);
            if (hook.Devices.Length > 0) Texts(json, "devices", hook.Devices);
            json.WriteEndObject();
        }

        if (chain.Policy is { } policy) json.WriteNumber("policy", policy.Code);
        if (chain.Comment is { } comment) json.WriteString("comment", comment);
        json.WriteNumber("handle", chain.Handle);
        json.WriteNumber("use", chain.Use);
    }

    /// <summary>A rule's expressions are written for people, and as the kernel's bytes, from which they are read back.</summary>
    private static void Write(Utf8JsonWriter json, NftRuleInfo rule)
    {
        json.WriteString("family", rule.Chain.Table.Family.Keyword);
        json.WriteString("table", rule.Chain.Table.Name);
        json.WriteString("chain", rule.Chain.Name);
        json.WriteNumber("handle", rule.Handle);
        json.WriteNumber("position", rule.Position);
        if (rule.Comment is { } comment) json.WriteString("comment", comment);
        Texts(json, "text", rule.Expressions.Select(e => e.ToString()));
        json.WriteBase64String("expressions", NftWire.ToBytes(rule.Expressions));
        if (rule.UserData.Length > 0) json.WriteBase64String("userData", rule.UserData.Span);
    }

    private static void Objects<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> values, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T value in values)
        {
            json.WriteStartObject();
            write(json, value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
