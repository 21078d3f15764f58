using System.Globalization;
using System.Net;
using Twill.Agent.Install;
using Twill.Fabric.Model;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Agent;

/// <summary>How the agent of a node works; everything has a default but the source.</summary>
internal sealed record AgentSettings
{
    internal const string DefaultSocket = "/run/twill/agent.sock", DefaultNetwork = "pods";

    internal const int DefaultBlockLength = 24, DefaultBlockLengthV6 = 64;

    /// <summary>This node's name in the list of nodes.</summary>
    internal required string Node { get; init; }

    internal required SourceChoice Source { get; init; }

    internal string Backend { get; init; } = Fabric.Backends.Backends.Default;

    /// <summary>The interface to the other nodes; null: chosen.</summary>
    internal string? Device { get; init; }

    /// <summary>What all pods' addresses are of; in etcd, what blocks are cut from where nobody has said so yet.</summary>
    internal IReadOnlyList<IpPrefix> ClusterCidrs { get; init; } = [];

    /// <summary>Of the block that a node gets in etcd.</summary>
    internal int BlockLength { get; init; } = DefaultBlockLength;

    internal int BlockLengthV6 { get; init; } = DefaultBlockLengthV6;

    /// <summary>In etcd: these, or none. Empty: whichever is free.</summary>
    internal IReadOnlyList<IpPrefix> Blocks { get; init; } = [];

    internal string Bridge { get; init; } = BridgeSettings.DefaultName;

    /// <summary>The bridge as the agent keeps it, and as its list has the plugin make it.</summary>
    internal BridgeSettings BridgeSettings => new() { Name = Bridge, IsGateway = true, Hairpin = true };

    /// <summary>The CNI network's name.</summary>
    internal string Network { get; init; } = DefaultNetwork;

    internal bool Masquerade { get; init; } = true;

    /// <summary>Destinations reached without masquerading, beside pods and nodes.</summary>
    internal IReadOnlyList<IpPrefix> Except { get; init; } = [];

    /// <summary>Whether services are kept; false: somebody else does, and what we had of them is taken away.</summary>
    internal bool Services { get; init; } = true;

    /// <summary>NodePorts are open at the node's addresses in these; empty: at those by which other nodes know it.</summary>
    internal IReadOnlyList<IpPrefix> NodePortCidrs { get; init; } = [];

    /// <summary>Load-balancer addresses in these are announced on the link; empty: none are.</summary>
    internal IReadOnlyList<IpPrefix> LoadBalancerPools { get; init; } = [];

    internal string CniDirectory { get; init; } = NodeConfiguration.DefaultDirectory;

    internal string Socket { get; init; } = DefaultSocket;

    /// <summary>Where metrics and health are served beside the socket; null: nowhere.</summary>
    internal IPEndPoint? Listen { get; init; }

    /// <inheritdoc cref="Sysctl.Root"/>
    internal string ProcSys { get; init; } = Sysctl.DefaultRoot;

    /// <summary>PEM files for etcd; any of them means https.</summary>
    internal string? EtcdCa { get; init; }

    /// <inheritdoc cref="EtcdCa"/>
    internal string? EtcdCertificate { get; init; }

    /// <inheritdoc cref="EtcdCa"/>
    internal string? EtcdKey { get; init; }

    /// <summary>The words behind `twill agent` that mean these settings: what is not a default, in a fixed order.</summary>
    internal IReadOnlyList<string> ToArguments()
    {
        var words = new List<string> { "--node", Node, "--source", Source.ToString() };
        Add("--backend", Backend, Fabric.Backends.Backends.Default);
        Add("--device", Device, null);
        foreach (IpPrefix cidr in ClusterCidrs) words.AddRange(["--cluster-cidr", cidr.ToString()]);
        Add("--block-length", BlockLength.ToString(CultureInfo.InvariantCulture), DefaultBlockLength.ToString(CultureInfo.InvariantCulture));
        Add("--block-length-v6", BlockLengthV6.ToString(CultureInfo.InvariantCulture), DefaultBlockLengthV6.ToString(CultureInfo.InvariantCulture));
        foreach (IpPrefix block in Blocks) words.AddRange(["--block", block.ToString()]);
        Add("--bridge", Bridge, BridgeSettings.DefaultName);
        Add("--network", Network, DefaultNetwork);
        if (!Masquerade) words.Add("--no-masquerade");
        foreach (IpPrefix prefix in Except) words.AddRange(["--except", prefix.ToString()]);
        if (!Services) words.AddRange(["--services", "off"]);
        foreach (IpPrefix cidr in NodePortCidrs) words.AddRange(["--node-port-addresses", cidr.ToString()]);
        foreach (IpPrefix pool in LoadBalancerPools) words.AddRange(["--load-balancer-pool", pool.ToString()]);
        Add("--cni-dir", CniDirectory, NodeConfiguration.DefaultDirectory);
        Add("--socket", Socket, DefaultSocket);
        Add("--listen", Listen?.ToString(), null);
        Add("--proc-sys", ProcSys, Sysctl.DefaultRoot);
        Add("--etcd-ca", EtcdCa, null);
        Add("--etcd-cert", EtcdCertificate, null);
        Add("--etcd-key", EtcdKey, null);
        return words;

        void Add(string name, string? value, string? otherwise)
        {
            if (value is not null && value != otherwise) words.AddRange([name, value]);
        }
    }
}
