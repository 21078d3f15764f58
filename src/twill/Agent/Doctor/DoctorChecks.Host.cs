namespace Twill.Agent.Doctor;

/// <summary>The machine itself.</summary>
internal static partial class DoctorChecks
{
    internal const string Bridge = "bridge", Veth = "veth", Vxlan = "vxlan", Nftables = "nftables";

    private const string ForwardV4 = "net/ipv4/ip_forward", ForwardV6 = "net/ipv6/conf/all/forwarding", BridgeCalls = "net/bridge/bridge-nf-call-iptables";

    /// <summary>Of a full table, the part from which on we warn.</summary>
    private const double NearlyFull = 0.9;

    private static IEnumerable<DoctorCheck> Host()
    {
        yield return new DoctorCheck("TWD001", "host", "We may change this node's network.", f => f.IsRoot ? null : new Finding("this process is not root, so most answers below are guesses", "sudo twill doctor"));
        yield return Feature("TWD002", Bridge, "pods of one node are joined by one");
        yield return Feature("TWD003", Veth, "each pod is attached by a pair");
        yield return Feature("TWD004", Vxlan, "nodes that are not on one link are reached through it", onlyWarn: true);
        yield return Feature("TWD005", Nftables, "masquerading and the overlay's guard need it");
        yield return new DoctorCheck("TWD006", "host", "The node forwards IPv4.", f => f.Report.Kernel.Bridges.Any(b => b.Addresses.Any(a => !a.IsV6)) && f.Sysctl(ForwardV4) == "0"
            ? Sysctl(f, ForwardV4, "1", "net.ipv4.ip_forward is 0: pods reach nothing beyond this node") : null);
        yield return new DoctorCheck("TWD007", "host", "The node forwards IPv6.", f => f.Report.Kernel.Bridges.Any(b => b.Addresses.Any(a => a.IsV6)) && f.Sysctl(ForwardV6) == "0"
            ? Sysctl(f, ForwardV6, "1", "net.ipv6.conf.all.forwarding is 0: pods reach nothing beyond this node over IPv6") : null);
        yield return new DoctorCheck("TWD008", "host", "No strict reverse path filter drops what comes through the tunnel.", f => f.Report.Kernel.Tunnel is { } tunnel && f.Sysctl($"net/ipv4/conf/{tunnel}/rp_filter") != "2" && (f.Sysctl("net/ipv4/conf/all/rp_filter") == "1" || f.Sysctl($"net/ipv4/conf/{tunnel}/rp_filter") == "1")
            ? Sysctl(f, $"net/ipv4/conf/{tunnel}/rp_filter", "2", $"reverse path filtering is strict on {tunnel}: answers of far nodes to this node's pods are dropped") : null);
        yield return new DoctorCheck("TWD009", "host", "No firewall of somebody else drops what is forwarded.", f => f.DroppingChains is [var chain, ..]
            ? new Finding($"chain {chain} drops what none of its rules lets pass, and pods' packets to other nodes are forwarded", $"let the cluster's pods pass in it; where it is Docker's: nft insert rule ip filter DOCKER-USER ip saddr POD-CIDR accept, and the same with daddr") { IsWarning = true } : null);
        yield return new DoctorCheck("TWD010", "host", "Packets between pods of one bridge do not pass the node's own filter.", f => f.Sysctl(BridgeCalls) == "1" && f.DroppingChains.Count > 0
            ? Sysctl(f, BridgeCalls, "0", "net.bridge.bridge-nf-call-iptables is 1 and the filter drops: pods of one node may not reach each other", warning: true) : null);
        yield return new DoctorCheck("TWD011", "host", "The table of connections has room.", f => f.Number("net/netfilter/nf_conntrack_count", 0) is var count && f.Number("net/netfilter/nf_conntrack_max", 0) is var most && most > 0 && count >= most * NearlyFull
            ? Sysctl(f, "net/netfilter/nf_conntrack_max", $"{most * 2}", $"{count} of {most} connections are tracked: when it is full, new ones are dropped", warning: true) : null);
        yield return new DoctorCheck("TWD012", "host", "The table of neighbours has room for the pods and nodes.", f => f.Number("net/ipv4/neigh/default/gc_thresh3", long.MaxValue) is var room && f.Report.Kernel.Pods.Count + f.Report.Kernel.Routes.Count >= room * NearlyFull
            ? Sysctl(f, "net/ipv4/neigh/default/gc_thresh3", $"{room * 4}", $"{f.Report.Kernel.Pods.Count} pods and {f.Report.Kernel.Routes.Count} routes, and room for {room} neighbours: some will not be reached", warning: true) : null);
        yield return new DoctorCheck("TWD013", "host", "No other pod network has left interfaces behind.", f => f.Links.FirstOrDefault(l => s_others.Any(o => l.Name.StartsWith(o, StringComparison.Ordinal))) is { } other
            ? new Finding($"interface {other.Name} belongs to another pod network", $"if that network is gone: ip link del {other.Name}") { IsWarning = true } : null);
        yield return new DoctorCheck("TWD014", "host", "The machine has an identity, by which etcd tells it from others.", f => f.MachineId.Length == 0
            ? new Finding("/etc/machine-id is empty or missing: this machine cannot claim a block in etcd", "systemd-machine-id-setup, or: tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id") { IsWarning = true } : null);
    }

    private static readonly string[] s_others = ["cni0", "flannel.", "cali", "cilium_", "weave", "kube-bridge", "antrea-gw"];

    private static DoctorCheck Feature(string id, string name, string use, bool onlyWarn = false)
        => new(id, "host", $"The kernel has {name}.", f => f.Features.GetValueOrDefault(name) is { } why ? new Finding($"the kernel refuses {name}, and {use}: {why}", $"modprobe {(name == Nftables ? "nf_tables" : name)}, or a kernel that has it") { IsWarning = onlyWarn } : null);
}
