using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Twill.Agent;
using Twill.Agent.Install;
using Twill.Fabric.Backends;
using Twill.Fabric.Model;
using Twill.Linux.Sys;

namespace Twill.Cli;

/// <summary>The agent's options: of `agent`, and of the commands that start one.</summary>
internal sealed class AgentOptions
{
    private readonly Option<string> _node = Text("--node", "NAME", "This node's name in the list of nodes [the host's name]");
    private readonly Option<string> _source = Text("--source", "SOURCE", $"Where nodes are learned from: {SourceChoice.Forms}");
    private readonly ChoiceOption _backend = new("--backend", [], "How other nodes are reached; auto: direct where a node is on a link of ours, else vxlan", [.. Backends.All.Select(b => b.Name)]);
    private readonly Option<string> _device = Text("--device", "NAME", "The interface to the other nodes [the one with the node's address, or with the default route]");
    private readonly PrefixesOption _cidrs = new("--cluster-cidr", "What all pods' addresses are of; with etcd, what nodes' blocks are cut from");
    private readonly NumberOption _length = new("--block-length", [], "With etcd: prefix length of a node's IPv4 block", 8, 30, AgentSettings.DefaultBlockLength);
    private readonly NumberOption _lengthV6 = new("--block-length-v6", [], "With etcd: prefix length of a node's IPv6 block", 16, 126, AgentSettings.DefaultBlockLengthV6);
    private readonly PrefixesOption _blocks = new("--block", "With etcd: this block for this node, or none");
    private readonly Option<string> _bridge = Text("--bridge", "NAME", "The pods' bridge", BridgeSettings.DefaultName);
    private readonly Option<string> _network = Text("--network", "NAME", "The CNI network's name", AgentSettings.DefaultNetwork);
    private readonly Option<bool> _noMasquerade = new("--no-masquerade") { Description = "What leaves the cluster keeps the pod's address" };
    private readonly PrefixesOption _except = new("--except", "Destinations that see the pod's own address, beside pods and nodes");
    private readonly ChoiceOption _services = new("--services", [], "Whether services are kept here; off where another proxy does", ["on", "off"]);
    private readonly PrefixesOption _nodePorts = new("--node-port-addresses", "NodePorts are open at this node's addresses in these [those by which nodes know each other]");
    private readonly PrefixesOption _pools = new("--load-balancer-pool", "Load-balancer addresses in these are announced on the link to the other nodes, each by one node [none]");
    private readonly Option<string> _cni = Text("--cni-dir", "DIR", "Where the runtime reads its configuration", NodeConfiguration.DefaultDirectory);
    private readonly Option<string> _listen = Text("--listen", "ADDRESS:PORT", "Serve metrics and health here as well");
    private readonly Option<string> _procSys = Text("--proc-sys", "DIR", "Where sysctls are, if /proc/sys cannot be written: in a container", Sysctl.DefaultRoot);
    private readonly Option<string> _ca = Text("--etcd-ca", "FILE", "PEM file of the authorities that signed etcd's certificates");
    private readonly Option<string> _cert = Text("--etcd-cert", "FILE", "PEM file of the certificate we show to etcd");
    private readonly Option<string> _key = Text("--etcd-key", "FILE", "PEM file of its key");

    internal AgentOptions()
    {
        _source.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (SourceChoice.Parse(token.Value, out string fault) is null) result.AddError($"--source {fault}");
            }
        });
        _listen.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (!TryEndPoint(token.Value, out _)) result.AddError($"--listen {token.Value}: expected ADDRESS:PORT, such as 127.0.0.1:9077 or [::1]:9077");
            }
        });
        _cni.CompletionSources.Add(CompletionNames.Directories);
        foreach (Option<string> file in (Option<string>[])[_ca, _cert, _key]) file.CompletionSources.Add(CompletionNames.Files);
    }

    internal SocketOption Socket { get; } = new();

    internal Option<string> Source => _source;

    /// <summary>All of them, in the order of the help.</summary>
    internal void AddTo(Command command, bool source = true)
    {
        Option[] all = [_node, _source, _backend, _device, _cidrs, _length, _lengthV6, _blocks, _bridge, _network, _noMasquerade, _except, _services, _nodePorts, _pools, _cni, Socket, _listen, _procSys, _ca, _cert, _key];
        foreach (Option option in all)
        {
            if (source || option != _source) command.Options.Add(option);
        }
    }

    /// <summary>Those that are the same on all nodes of a Kubernetes cluster.</summary>
    internal void AddClusterTo(Command command)
    {
        foreach (Option option in (Option[])[_backend, _device, _cidrs, _bridge, _network, _noMasquerade, _except, _services, _nodePorts, _pools, _cni, _listen]) command.Options.Add(option);
    }

    /// <summary>What <see cref="AddClusterTo"/> offers, with each node's own name left open.</summary>
    internal AgentSettings ReadCluster(ParseResult result) => new()
    {
        Node = "",
        Source = new SourceChoice.Kubernetes(null),
        Backend = result.GetValue(_backend)!,
        Device = result.GetValue(_device),
        ClusterCidrs = result.GetValue(_cidrs) ?? [],
        Bridge = result.GetValue(_bridge)!,
        Network = result.GetValue(_network)!,
        Masquerade = !result.GetValue(_noMasquerade),
        Except = result.GetValue(_except) ?? [],
        Services = result.GetValue(_services) != "off",
        NodePortCidrs = result.GetValue(_nodePorts) ?? [],
        LoadBalancerPools = result.GetValue(_pools) ?? [],
        CniDirectory = result.GetValue(_cni)!,
        Listen = result.GetValue(_listen) is { } listen && TryEndPoint(listen, out IPEndPoint? endPoint) ? endPoint : null,
    };

    /// <summary>Those that say which source, and how it is reached.</summary>
    internal void AddSourceTo(Command command)
    {
        foreach (Option option in (Option[])[_source, _ca, _cert, _key]) command.Options.Add(option);
    }

    /// <param name="source">Where it was given as an argument; null: by the option.</param>
    /// <exception cref="AgentException">No source was named.</exception>
    internal AgentSettings Read(ParseResult result, SourceChoice? source = null) => new()
    {
        Node = result.GetValue(_node) ?? Environment.MachineName,
        Source = source ?? (result.GetValue(_source) is { } text && SourceChoice.Parse(text, out _) is { } chosen ? chosen : throw new AgentException(ExitCode.Usage, $"where are the nodes learned from? --source {SourceChoice.Forms}")),
        Backend = result.GetValue(_backend)!,
        Device = result.GetValue(_device),
        ClusterCidrs = result.GetValue(_cidrs) ?? [],
        BlockLength = result.GetValue(_length),
        BlockLengthV6 = result.GetValue(_lengthV6),
        Blocks = result.GetValue(_blocks) ?? [],
        Bridge = result.GetValue(_bridge)!,
        Network = result.GetValue(_network)!,
        Masquerade = !result.GetValue(_noMasquerade),
        Except = result.GetValue(_except) ?? [],
        Services = result.GetValue(_services) != "off",
        NodePortCidrs = result.GetValue(_nodePorts) ?? [],
        LoadBalancerPools = result.GetValue(_pools) ?? [],
        CniDirectory = result.GetValue(_cni)!,
        Socket = result.GetValue(Socket)!,
        Listen = result.GetValue(_listen) is { } listen && TryEndPoint(listen, out IPEndPoint? endPoint) ? endPoint : null,
        ProcSys = result.GetValue(_procSys)!,
        EtcdCa = FullPath(result.GetValue(_ca)),
        EtcdCertificate = FullPath(result.GetValue(_cert)),
        EtcdKey = FullPath(result.GetValue(_key)),
    };

    /// <summary>The unit's agent starts in another directory than who wrote its options.</summary>
    private static string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path);

    private static Option<string> Text(string name, string value, string description, string? otherwise = null)
    {
        var option = new Option<string>(name) { Description = description, HelpName = value };
        if (otherwise is not null) option.DefaultValueFactory = _ => otherwise;
        return option;
    }

    internal static bool TryEndPoint(string text, out IPEndPoint? endPoint)
        => IPEndPoint.TryParse(text, out endPoint) && (text.EndsWith($":{endPoint.Port}", StringComparison.Ordinal) || endPoint.Port != 0) && (endPoint.AddressFamily != AddressFamily.InterNetworkV6 || text[0] == '[');
}
