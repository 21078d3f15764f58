using Twill.Agent.Install;
using Twill.Agent.View;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Agent.Doctor;

/// <summary>Reads what the checks want to know. Features are tried in a namespace of our own, which goes again.</summary>
internal static class DoctorReader
{
    private static readonly string[] s_keys =
    [
        "net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/ipv4/conf/all/rp_filter", "net/bridge/bridge-nf-call-iptables",
        "net/netfilter/nf_conntrack_count", "net/netfilter/nf_conntrack_max", "net/ipv4/neigh/default/gc_thresh3",
    ];

    internal static DoctorFacts Read(AgentClient agent, string cniDirectory, InstallPaths paths)
    {
        StatusReport report = StatusReport.Read(agent, cniDirectory);
        using RouteSocket socket = RouteSocket.Open();
        using NftSocket nft = NftSocket.Open();
        List<Link> links = socket.Links();
        IEnumerable<string> keys = report.Kernel.Tunnel is { } tunnel ? [.. s_keys, $"net/ipv4/conf/{tunnel}/rp_filter"] : s_keys;
        return new DoctorFacts
        {
            Report = report,
            IsRoot = StandardStreams.IsRoot,
            Features = Features(),
            Sysctls = keys.ToDictionary(k => k, Sysctl.Read),
            Links = links,
            Addresses = socket.Addresses(),
            Routes = [.. socket.Routes().Where(r => r.Table != RouteTable.Local)],
            DroppingChains = [.. nft.Chains().Where(c => c is { Hook.Point: NftHookPoint.Forward, Hook.Type: "filter" } && c.Policy == NftVerdict.Drop && c.Table.Name != NodeTable.Table.Name && c.Table.Name != MasqueradePlan.Table.Name).Select(c => c.ToString())],
            OtherProxies = Fabric.Services.Apply.OtherProxies.Find(nft),
            PluginPath = paths.Plugin,
            PluginMode = File.Exists(paths.Plugin) ? File.GetUnixFileMode(paths.Plugin) : null,
            ProtocolPath = paths.Protocols,
            HasProtocolName = File.Exists(paths.Protocols),
            MachineId = File.Exists("/etc/machine-id") ? File.ReadAllText("/etc/machine-id").Trim() : "",
            Abandoned = report.Kernel.Abandoned,
        };
    }

    private static Dictionary<string, string?> Features()
    {
        using NetworkNamespace scratch = NetworkNamespace.Create();
        using RouteSocket socket = RouteSocket.Open(scratch);
        return new Dictionary<string, string?>
        {
            [DoctorChecks.Bridge] = Try(() => socket.TryCreateBridge(new BridgeSpec { Name = "try-bridge" })),
            [DoctorChecks.Veth] = Try(() => socket.CreateVeth(new VethSpec { Name = "try-a", PeerName = "try-b" })),
            [DoctorChecks.Vxlan] = Try(() => socket.TryCreateVxlan(new VxlanSpec { Name = "try-vxlan", Vni = new Vni(77), Port = VxlanSettings.DefaultPort, Learning = false })),
            [DoctorChecks.Nftables] = Try(() =>
            {
                using NftSocket nft = NftSocket.Open(scratch);
                nft.Tables();
            }),
        };
    }

    private static string? Try(Action ask)
    {
        try
        {
            ask();
            return null;
        }
        catch (LinuxException e)
        {
            return e.Message;
        }
    }
}
