using System.Text;
using Twill.Cli;
using Twill.Cni;
using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Lab;

/// <summary>Makes the lab, or what of it is missing.</summary>
/// <remarks>
/// Everything is in namespaces of its own; the host gets names in /run/netns and nothing else. Each is marked before it is named,
/// so a kill at any point leaves only what `down` knows.
/// </remarks>
internal sealed class LabUp
{
    /// <summary>A plugin that takes longer is killed.</summary>
    private const int PluginTimeoutMs = 30_000;

    /// <summary>How long plugins of a killed `up` are waited for, each.</summary>
    private const int OrphanMs = 5000;

    private readonly LabInventory _inventory;
    private readonly LabBlueprint _blueprint;
    private readonly Cluster _cluster;
    private readonly bool _v6;
    private readonly Action<int, int> _progress;
    private readonly int _total;
    private int _done;
    private int _made;

    /// <param name="progress">Told steps done and steps in all; from any thread, inside any namespace: it must do no more than note them.</param>
    internal LabUp(LabSize size, Action<int, int> progress)
    {
        _inventory = LabInventory.Read();
        _blueprint = LabBlueprint.For(size, _inventory.Marks);
        _v6 = HasIPv6();
        _cluster = LabAddresses.Cluster(_blueprint.Nodes, _v6);
        _progress = progress;
        _total = 2 + _blueprint.Nodes.Count + (2 * _blueprint.Pods.Count);
        RefuseForeignNames();
    }

    /// <returns>How many namespaces, attachments, addresses and routes were made; 0: the lab was complete.</returns>
    internal int Run()
    {
        foreach (string name in _inventory.Unfinished) NetworkNamespace.RemoveNamed(name);
        AwaitOrphans();
        Ensure(new LabMark(LabKind.Router, LabNames.Router) { V6 = _v6 });
        Ensure(new LabMark(LabKind.Internet, LabNames.Internet));
        WireRouter();
        Workers.ForEach(_cluster.Nodes, MakeNode);
        Workers.ForEach(_cluster.Nodes, MakePods);
        return _made;
    }

    /// <summary>Whether new namespaces have IPv6: they inherit the host's defaults.</summary>
    private static bool HasIPv6() => Sysctl.Read("net/ipv6/conf/default/disable_ipv6") == "0" && Sysctl.Read("net/ipv6/conf/all/disable_ipv6") == "0";

    /// <summary>Plugins that a killed `up` left behind still work, and undo what they did when nobody takes their result.</summary>
    private void AwaitOrphans()
    {
        LabMark[] nodes = [.. _inventory.Nodes];
        if (nodes.Length == 0) return;
        foreach (LabProcess process in LabProcesses.In(nodes))
        {
            if (process.IsPlugin && !ForeignProcess.WaitForEnd(process.Id, OrphanMs)) throw new LabException(ExitCode.TimeOut, $"process {process} is a CNI plugin of an earlier `twill lab up`, still at work after {OrphanMs / 1000} s; see what it waits for (cat /proc/{process.Id}/stack), or end it: kill {process.Id}");
        }
    }

    private void RefuseForeignNames()
    {
        string[] wanted = [LabNames.Router, LabNames.Internet, .. _cluster.Nodes.Select(n => n.Name), .. _blueprint.Pods.Select(p => p.Name)];
        string[] clashes = [.. wanted.Where(_inventory.Foreign.Contains)];
        if (clashes.Length == 0) return;
        string list = string.Join(", ", clashes.Take(8)) + (clashes.Length > 8 ? $" and {clashes.Length - 8} more" : "");
        throw new LabException($"cannot make the lab: {NetworkNamespace.NamedDirectory} has {list} already, and {(clashes.Length == 1 ? "it does" : "they do")} not bear the lab's mark, so nothing was touched and nothing made; if nobody needs {(clashes.Length == 1 ? "it" : "them")}: ip netns del {clashes[0]}");
    }

    /// <summary>Makes a namespace with its mark, unless it is there.</summary>
    private void Ensure(LabMark mark)
    {
        if (!_inventory.Has(mark.Name))
        {
            using NetworkNamespace network = NetworkNamespace.Create();
            using RouteSocket socket = RouteSocket.Open(network);
            NetlinkBatch batch = socket.Netlink.NewBatch();
            LinkRequests.SetAlias(batch, IfIndex.Loopback, mark.Text);
            LinkRequests.SetUp(batch, IfIndex.Loopback);
            socket.Netlink.Execute(batch).ThrowIfFailed($"cannot mark network namespace {mark.Name}");
            network.GiveName(mark.Name, LabMark.Word);
            Interlocked.Increment(ref _made);
        }

        Step();
    }

    private void Step() => _progress(Interlocked.Increment(ref _done), _total);

    private IpPrefix[] Families(IpPrefix v4, IpPrefix v6) => _v6 ? [v4, v6] : [v4];

    /// <summary>The LAN's switch, the router's address on it, and the internet behind.</summary>
    private void WireRouter()
    {
        using NetworkNamespace routerNetwork = NetworkNamespace.OpenNamed(LabNames.Router), internetNetwork = NetworkNamespace.OpenNamed(LabNames.Internet);
        using RouteSocket router = RouteSocket.Open(routerNetwork), internet = RouteSocket.Open(internetNetwork);
        routerNetwork.Run(() =>
        {
            Sysctl.Ensure("net/ipv4/ip_forward", "1");
            if (_v6) Sysctl.Ensure("net/ipv6/conf/all/forwarding", "1");
        });
        router.TryCreateBridge(new BridgeSpec { Name = LabAddresses.Lan, Mac = PodPlan.MacOf(LabAddresses.RouterV4.Address), Up = true });
        AddAddresses(router, LabAddresses.Lan, Families(LabAddresses.RouterV4, LabAddresses.RouterV6));
        EnsurePair(router, LabNames.Internet, null, internet, internetNetwork, LabAddresses.Uplink);
        AddAddresses(router, LabNames.Internet, Families(LabAddresses.BorderRouterV4, LabAddresses.BorderRouterV6));
        AddAddresses(internet, LabAddresses.Uplink, Families(LabAddresses.BorderInternetV4, LabAddresses.BorderInternetV6));
        AddAddresses(internet, "lo", Families(LabAddresses.InternetV4, LabAddresses.InternetV6));
        AddRoute(router, LabAddresses.InternetV4, LabAddresses.BorderInternetV4, LabNames.Internet);

        // The way back to the LAN only: a pod's own address would find none, as on the real internet.
        AddRoute(internet, LabAddresses.LanV4, LabAddresses.BorderRouterV4, LabAddresses.Uplink);
        if (!_v6) return;
        AddRoute(router, LabAddresses.InternetV6, LabAddresses.BorderInternetV6, LabNames.Internet);
        AddRoute(internet, LabAddresses.LanV6, LabAddresses.BorderRouterV6, LabAddresses.Uplink);
    }

    private void MakeNode(ClusterNode node)
    {
        Ensure(new LabMark(LabKind.Node, node.Name, IndexOf(node)));
        using NetworkNamespace routerNetwork = NetworkNamespace.OpenNamed(LabNames.Router), network = NetworkNamespace.OpenNamed(node.Name);
        using RouteSocket router = RouteSocket.Open(routerNetwork), host = RouteSocket.Open(network);
        EnsurePair(router, node.Name, LabAddresses.Lan, host, network, LabAddresses.Uplink);
        Interlocked.Add(ref _made, NodeApply.Apply(network, host, ClusterPlan.For(_cluster, node)).Count);
    }

    private int IndexOf(ClusterNode node)
    {
        for (int i = 0; i < _cluster.Nodes.Count; i++)
        {
            if (_cluster.Nodes[i].Name == node.Name) return _blueprint.Nodes[i];
        }

        throw new InvalidOperationException($"node {node.Name} is not of this lab");
    }

    /// <summary>Namespaces first, from the host's; then the node's own thread of work starts one plugin after another.</summary>
    private void MakePods(ClusterNode node)
    {
        LabMark[] pods = [.. _blueprint.PodsOf(node.Name)];
        foreach (LabMark pod in pods) Ensure(pod);
        using NetworkNamespace network = NetworkNamespace.OpenNamed(node.Name);
        byte[] configuration = Encoding.UTF8.GetBytes(LabAddresses.Configuration(node));
        HashSet<string> attached;
        using (RouteSocket host = RouteSocket.Open(network)) attached = [.. host.Links(new LinkFilter(Kind: "veth")).SelectMany(l => l.AltNames)];
        network.Run(() =>
        {
            foreach (LabMark pod in pods)
            {
                if (!attached.Contains(new Owner(pod.Name, LabAddresses.PodInterface).AltName)) Attach(pod, configuration);
                Step();
            }
        });
    }

    /// <summary>What a container runtime does: our own executable, as the plugin.</summary>
    private void Attach(LabMark pod, byte[] configuration)
    {
        ChildProcess.Outcome outcome = Plugin("ADD", pod, configuration);
        if (outcome.ExitCode != 0)
        {
            // A killed `up` may have left half of this attachment.
            Plugin("DEL", pod, configuration);
            outcome = Plugin("ADD", pod, configuration);
        }

        if (outcome.ExitCode != 0)
        {
            string reason = outcome.TimedOut ? $"no answer within {PluginTimeoutMs / 1000} s" : CniError.TryParse(outcome.Output, out CniError? error) ? $"{error.Msg} (CNI code {error.Code})" : $"exit {outcome.ExitCode} {outcome.ErrorText}";
            throw new LabException($"cannot attach pod {pod.Name} to {pod.Node}: the plugin says: {reason}; `twill lab down` removes what was made");
        }

        Interlocked.Increment(ref _made);
    }

    private static ChildProcess.Outcome Plugin(string verb, LabMark pod, byte[] configuration) => ChildProcess.Run(
        "/proc/self/exe",
        [],
        [
            $"CNI_COMMAND={verb}",
            $"CNI_CONTAINERID={pod.Name}",
            $"CNI_NETNS={NetworkNamespace.NamedPath(pod.Name)}",
            $"CNI_IFNAME={LabAddresses.PodInterface}",
            "CNI_PATH=/opt/cni/bin",
            $"CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=lab;K8S_POD_NAME={pod.Name}",
        ],
        configuration,
        PluginTimeoutMs);

    /// <summary>A cable between the router's namespace and another.</summary>
    /// <param name="master">The bridge that the router's end is a port of; null: none.</param>
    private static void EnsurePair(RouteSocket router, string name, string? master, RouteSocket far, NetworkNamespace farNetwork, string farName)
    {
        IfIndex? bridge = master is null ? null : router.GetLink(master).Index;
        if (!far.TryGetLink(farName, out Link? link))
        {
            var spec = new VethSpec { Name = name, PeerName = farName, PeerNamespace = farNetwork, Master = bridge, Up = true, TxQueues = 1, RxQueues = 1 };
            if (router.TryCreateVeth(spec, out _) == VethCreation.NameTaken)
            {
                router.RemoveLink(name);
                router.CreateVeth(spec);
            }
        }

        if (link is not { IsUp: true }) far.SetUp(farName);
    }

    private static void AddAddresses(RouteSocket socket, string device, IpPrefix[] addresses)
    {
        IfIndex index = socket.GetLink(device).Index;
        foreach (IpPrefix address in addresses) socket.TryAddAddress(index, address, address.IsV6 ? AddressFlags.NoDad : AddressFlags.None);
    }

    private static void AddRoute(RouteSocket socket, IpPrefix destination, IpPrefix via, string device)
        => socket.TryAddRoute(new RouteSpec { Destination = destination, Gateway = via.Address, Dev = socket.GetLink(device).Index, Protocol = ClusterPlan.TwillRouteProtocol });
}
