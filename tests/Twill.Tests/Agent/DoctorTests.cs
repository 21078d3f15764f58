using System.Text;
using System.Text.Json;
using Twill.Agent.Doctor;
using Twill.Agent.View;
using Twill.Lab;
using Twill.Linux.Route;
using Twill.Tests.Cli;
using Twill.Tests.Lab;
using Xunit;

namespace Twill.Tests.Agent;

/// <summary>Each check is silent on a healthy node and speaks on one with exactly its fault.</summary>
public sealed class DoctorTests
{
    private const string Vx = "twill-vx";

    private static readonly Dictionary<string, Func<DoctorFacts, DoctorFacts>> s_faults = new()
    {
        ["TWD001"] = f => f with { IsRoot = false },
        ["TWD002"] = f => f with { Features = With(f.Features, "bridge", "EOPNOTSUPP (95)") },
        ["TWD003"] = f => f with { Features = With(f.Features, "veth", "EOPNOTSUPP (95)") },
        ["TWD004"] = f => f with { Features = With(f.Features, "vxlan", "EOPNOTSUPP (95)") },
        ["TWD005"] = f => f with { Features = With(f.Features, "nftables", "EPROTONOSUPPORT (93)") },
        ["TWD006"] = f => Set(f, "net/ipv4/ip_forward", "0"),
        ["TWD007"] = f => Set(f, "net/ipv6/conf/all/forwarding", "0"),
        ["TWD008"] = f => Set(Set(f, "net/ipv4/conf/all/rp_filter", "1"), $"net/ipv4/conf/{Vx}/rp_filter", "0"),
        ["TWD009"] = f => f with { DroppingChains = ["ip filter FORWARD"] },
        ["TWD010"] = f => Set(f with { DroppingChains = ["ip filter FORWARD"] }, "net/bridge/bridge-nf-call-iptables", "1"),
        ["TWD011"] = f => Set(f, "net/netfilter/nf_conntrack_count", "950"),
        ["TWD012"] = f => Set(f, "net/ipv4/neigh/default/gc_thresh3", "2"),
        ["TWD013"] = f => f with { Links = [.. f.Links, new Link { Index = new IfIndex(9), Name = "flannel.1", Kind = "vxlan" }] },
        ["TWD014"] = f => f with { MachineId = "" },
        ["TWD015"] = f => Kernel(f, k => k with { Cni = k.Cni with { Ours = null, Files = [] } }),
        ["TWD016"] = f => Kernel(f, k => k with { Cni = k.Cni with { Files = ["00-other.conf", "05-twill.conflist"] } }),
        ["TWD017"] = f => f with { PluginMode = null },
        ["TWD018"] = f => f with { PluginMode = f.PluginMode | UnixFileMode.SetUser },
        ["TWD019"] = f => f with { HasProtocolName = false },
        ["TWD020"] = f => f with { Report = f.Report with { Agent = null } },
        ["TWD021"] = f => Agent(f, "\"ready\": true", "\"ready\": false"),
        ["TWD022"] = f => Agent(Agent(f, "\"connected\": true", "\"connected\": false"), "\"problem\": null", "\"problem\": \"refused\""),
        ["TWD023"] = f => Agent(f, "\"problems\": []", "\"problems\": [\"nodes b and c both have the address 192.168.1.12\"]"),
        ["TWD024"] = f => Agent(f, "\"held\": 0", "\"held\": 4"),
        ["TWD025"] = f => Kernel(f, k => k with { Bridges = [k.Bridges[0] with { IsUp = false }] }),
        ["TWD026"] = f => Kernel(f, k => k with { Bridges = [k.Bridges[0] with { Addresses = [] }] }),
        ["TWD027"] = f => Kernel(f, k => k with { Pods = [k.Pods[0] with { Bridge = null }] }),
        ["TWD028"] = f => Kernel(f, k => k with { Pods = [k.Pods[0] with { IsUp = false }] }),
        ["TWD029"] = f => f with { Abandoned = ["twabcde0af40102"] },
        ["TWD030"] = f => Kernel(f, k => k with { Subnets = [k.Subnets[0] with { Used = 250, Free = 3 }] }),
        ["TWD031"] = f => Kernel(f, k => k with { Pods = [k.Pods[0] with { Mtu = 1500 }] }),
        ["TWD032"] = f => Kernel(f, k => k with { Routes = [k.Routes[0] with { IsUp = false }, .. k.Routes.Skip(1)] }),
        ["TWD033"] = f => f with { Routes = [.. f.Routes, new Route { Destination = IpPrefix.Parse("10.244.2.128/25"), Protocol = RouteProtocol.Static }] },
        ["TWD034"] = f => f with { Addresses = [.. f.Addresses, Address("10.244.2.1/24")] },
        ["TWD035"] = f => f with { Links = [.. f.Links.Select(l => l.Name == "eth0" ? l with { Mtu = new Mtu(1400) } : l)] },
        ["TWD036"] = f => Agent(f with { OtherProxies = ["table ip kube-proxy"] }, "\"on\": false", "\"on\": true"),
        ["TWD037"] = f => Agent(Agent(f, "\"on\": false", "\"on\": true"), "\"count\": 0", "\"count\": 3"),
    };

    public static TheoryData<string> Ids => [.. DoctorChecks.All.Select(c => c.Id)];

    [Fact]
    public void Doctor_HealthyNode_FindsNothing() => Assert.DoesNotContain(DoctorChecks.Run(Healthy()), r => r.Finding is not null);

    [Theory]
    [MemberData(nameof(Ids))]
    public void Check_ItsFault_IsFoundWithReasonAndFix(string id)
    {
        DoctorFacts broken = s_faults[id](Healthy());
        Finding finding = Assert.Single(DoctorChecks.Run(broken), r => r.Check.Id == id).Finding!;
        Assert.NotNull(finding);
        Assert.True(finding is { Reason.Length: > 20, Fix.Length: > 5 }, $"{finding}");
        SchemaAssert.Valid("doctor/v1", DoctorText.Json(DoctorChecks.Run(broken)));
        Assert.Contains(id, DoctorText.Draw(DoctorChecks.Run(broken), new Style(false, false)), StringComparison.Ordinal);
    }

    [Fact]
    public void Checks_AreAtLeastTwenty_NumberedWithoutGaps()
    {
        Assert.True(DoctorChecks.All.Count >= 20);
        Assert.Equal(Enumerable.Range(1, DoctorChecks.All.Count).Select(i => $"TWD{i:000}"), DoctorChecks.All.Select(c => c.Id));
        Assert.All(DoctorChecks.BeforeJoining, id => Assert.Contains(DoctorChecks.All, c => c.Id == id));
    }

    /// <summary>The table of docs/doctor.md is made of the checks and of what each says to its fault; TWILL_UPDATE_GOLDEN=1 writes it anew.</summary>
    [Fact]
    public void Page_TableIsMadeOfTheChecks()
    {
        string path = Path.Combine(SchemaAssert.Folder, "..", "doctor.md"), page = File.ReadAllText(path);
        int start = page.IndexOf("| id |", StringComparison.Ordinal);
        int end = page.LastIndexOf("|\n", StringComparison.Ordinal) + 2;
        Golden.Check(path, $"{page[..start]}{Table()}{page[end..]}");
    }

    private static string Table()
    {
        var text = new StringBuilder("| id | group | well is | if not, for example | `--fix` |\n|---|---|---|---|---|\n");
        foreach (DoctorCheck check in DoctorChecks.All)
        {
            Finding finding = check.Look(s_faults[check.Id](Healthy()))!;
            text.Append($"| {check.Id} | {check.Group} | {check.Meaning} | {finding.Fix.Replace("|", @"\|", StringComparison.Ordinal)} | {(finding.Mending is null ? "" : "yes")} |\n");
        }

        return text.ToString();
    }

    [Fact]
    public void Fix_MovesWritesAndNotesTheWayBack()
    {
        string directory = Directory.CreateTempSubdirectory("twill-doctor-test-").FullName;
        try
        {
            string file = Path.Combine(directory, "00-other.conf"), undo = Path.Combine(directory, "undo", "undo.sh");
            File.WriteAllText(file, "{}");
            var fix = new DoctorFix(undo);
            Assert.Equal($"mv {file} {file}.off", fix.Mend(new Mending.Move(file, $"{file}.off")));
            Assert.False(File.Exists(file));
            fix.Mend(new Mending.SetMode($"{file}.off", UnixFileMode.UserRead, UnixFileMode.UserRead | UnixFileMode.UserWrite));
            Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode($"{file}.off"));
            Assert.Equal([$"mv {file}.off {file}", $"chmod 0600 {file}.off"], File.ReadAllLines(undo));
            Assert.Throws<Twill.Agent.AgentException>(() => fix.Mend(new Mending.Move(file, $"{file}.off")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    internal static DoctorFacts Healthy() => new()
    {
        Report = new StatusReport(AgentSamples.Kernel, AgentSamples.Status(), []),
        Features = new Dictionary<string, string?> { ["bridge"] = null, ["veth"] = null, ["vxlan"] = null, ["nftables"] = null },
        Sysctls = new Dictionary<string, string?>
        {
            ["net/ipv4/ip_forward"] = "1",
            ["net/ipv6/conf/all/forwarding"] = "1",
            ["net/ipv4/conf/all/rp_filter"] = "0",
            [$"net/ipv4/conf/{Vx}/rp_filter"] = "2",
            ["net/netfilter/nf_conntrack_count"] = "10",
            ["net/netfilter/nf_conntrack_max"] = "1000",
            ["net/ipv4/neigh/default/gc_thresh3"] = "1024",
        },
        Links =
        [
            new Link { Index = new IfIndex(2), Name = "eth0", Mtu = new Mtu(1500) },
            new Link { Index = new IfIndex(3), Name = Vx, Kind = "vxlan", Mtu = new Mtu(1450), Vxlan = new VxlanInfo { Dev = new IfIndex(2), Local = IpAddress.Parse("192.168.1.11") } },
        ],
        Addresses = [Address("192.168.1.11/24")],
        Routes = [new Route { Destination = IpPrefix.Parse("10.244.2.0/24"), Protocol = new RouteProtocol(77) }],
        PluginMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute,
        MachineId = "4f1c",
    };

    private static IfAddress Address(string text) => new() { Dev = new IfIndex(2), Address = IpPrefix.Parse(text) };

    private static Dictionary<string, string?> With(IReadOnlyDictionary<string, string?> all, string key, string? value) => new(all) { [key] = value };

    private static DoctorFacts Set(DoctorFacts facts, string key, string value) => facts with { Sysctls = With(facts.Sysctls, key, value) };

    private static DoctorFacts Kernel(DoctorFacts facts, Func<KernelView, KernelView> change) => facts with { Report = facts.Report with { Kernel = change(facts.Report.Kernel) } };

    private static DoctorFacts Agent(DoctorFacts facts, string from, string to)
    {
        string text = facts.Report.Agent!.Value.GetRawText();
        Assert.Contains(from, text, StringComparison.Ordinal);
        return facts with { Report = facts.Report with { Agent = JsonDocument.Parse(text.Replace(from, to, StringComparison.Ordinal)).RootElement } };
    }
}
