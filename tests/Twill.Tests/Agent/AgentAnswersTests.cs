using System.Text;
using Twill.Agent;
using Twill.Agent.Answers;
using Twill.Agent.Http;
using Twill.Agent.Journal;
using Twill.Agent.Sources;
using Twill.Fabric.Keep;
using Twill.Fabric.Model;
using Twill.Kube;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Agent;

public sealed class AgentAnswersTests
{
    private readonly EventJournal _journal = new(TimeProvider.System);
    private readonly RepairTally _repairs = new();
    private NodeFacts _facts = AgentSamples.Facts;

    private readonly RunTally _runs = new();

    private AgentAnswers Answers => new(() => _facts, () => AgentSamples.Kernel, _journal, _repairs, _runs);

    [Fact]
    public async Task Metrics_HaveTheNamesThatDashboardsAreBuiltOn()
    {
        _repairs.Note(new KeeperEvent(KeeperEventKind.Repaired, "route 10.244.2.0/24", "put back") { By = "ip", Ms = 0.4 });
        string text = await Text("/metrics");
        foreach (string line in (string[])
        [
            "twill_ready 1", "twill_api_connected{source=\"file\"} 1", "twill_nodes 3", "twill_pods 1", "twill_problems 0",
            "twill_ipam_addresses{block=\"10.244.1.0/24\",state=\"used\"} 1", "twill_ipam_addresses{block=\"10.244.1.0/24\",state=\"free\"} 252",
            "twill_routes{state=\"direct\"} 1", "twill_routes{state=\"tunnel\"} 1", "twill_repairs_total{object=\"route\",by=\"ip\"} 1",
            "twill_repair_seconds_bucket{le=\"0.001\"} 1", "twill_repair_seconds_count 1", "twill_resyncs_total{reason=\"overrun\"} 0", "twill_resyncs_total{reason=\"timer\"} 4565",
            "twill_netlink_writes_total 14",
        ])
            Assert.Contains($"\n{line}\n", text, StringComparison.Ordinal);
        foreach (string name in (string[])["twill_build_info", "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"]) Assert.Contains($"# TYPE {name} ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Repairs_ManyCulprits_LabelsAreBounded()
    {
        for (int i = 0; i < 1000; i++) _repairs.Note(new KeeperEvent(KeeperEventKind.Repaired, "route x", "put back") { By = $"p{i}" });
        Assert.Equal(RepairTally.MaxCulprits + 1, _repairs.Counts.Count);
        Assert.Equal(1000, _repairs.Counts.Sum(c => c.Count));
    }

    [Fact]
    public async Task Readyz_NotReady_Is503WithTheReason()
    {
        Assert.Equal(200, (await Ask("/readyz")).Status);
        _facts = _facts with { Ready = false, Problems = ["no node node1"] };
        HttpAnswer answer = await Ask("/readyz");
        Assert.Equal((503, "not ready: no node node1\n"), (answer.Status, Encoding.UTF8.GetString(answer.Body.Span)));
        Assert.Equal(200, (await Ask("/healthz")).Status);
    }

    [Fact]
    public async Task Events_AfterANumber_OnlyTheLaterOnes_AndAWaitEndsWithTheNext()
    {
        _journal.Add("start", "one");
        _journal.Add("ready", "two");
        Assert.DoesNotContain("\"one\"", await Text("/events?after=1&wait=0"), StringComparison.Ordinal);
        ValueTask<HttpAnswer> waiting = Ask("/events?after=2");
        Assert.False(waiting.IsCompleted);
        _journal.Add("repair", "three");
        Assert.Contains("\"three\"", Encoding.UTF8.GetString((await waiting).Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OverTcp_StatusIsNotToBeHad()
    {
        Assert.Equal(404, (await Answers.OverTcp("/status", default)).Status);
        Assert.Equal(200, (await Answers.OverTcp("/metrics", default)).Status);
        Assert.Equal(404, (await Ask("/nonsense")).Status);
    }

    [Fact]
    public void Log_LineIsLogfmt_OneLineWhateverTheText()
    {
        Assert.Equal("<4>level=warning event=repair msg=\"a \\\"b\\\" c\"\n", new AgentLog(TimeProvider.System, toJournal: true).Line(4, "warning", "repair", "a \"b\"\nc"));
        Assert.StartsWith("time=", new AgentLog(TimeProvider.System, toJournal: false).Line(6, "info", "x", "y"), StringComparison.Ordinal);
    }

    [Fact]
    public void Kube_NodeLosesItsAddress_KeepsTheOneItHad()
    {
        var node = new KubeNode { Name = "a", PodCidrs = ["10.244.1.0/24", "fd00::/64"], InternalIps = ["192.168.1.11", "192.168.9.9", "fd01::1"] };
        var problems = new SortedDictionary<string, string>();
        ClusterNode read = KubeSource.Translate(node, null, problems)!;
        Assert.Empty(problems);
        Assert.Equal(["192.168.1.11/32", "fd01::1/128"], read.Addresses.Select(a => a.ToString()));
        Assert.Same(read, KubeSource.Translate(node with { Hostname = "other" }, read, problems));
        Assert.Same(read, KubeSource.Translate(node with { InternalIps = [] }, read, problems));
        Assert.Contains("no InternalIP", problems["a"], StringComparison.Ordinal);
        Assert.Null(KubeSource.Translate(node with { InternalIps = ["nonsense"] }, null, problems));
        Assert.Contains("\"nonsense\", which is no address; node a has no InternalIP", problems["a"], StringComparison.Ordinal);
    }

    [Fact]
    public void BlockGuard_PodsOfAnotherBlock_RefusesAndNamesThem()
    {
        string tag = ClaimName.Tag("pods");
        Link[] links = [.. Enumerable.Range(2, 5).Select(i => new Link { Index = new IfIndex(i), Name = ClaimName.Of(tag, IpAddress.Parse($"10.244.1.{i}")), Kind = "veth" }), new Link { Index = new IfIndex(99), Name = "eth0" }];
        Assert.Null(BlockGuard.WhyNot(links, "pods", "n", [IpPrefix.Parse("10.244.1.0/24")]));
        Assert.Null(BlockGuard.WhyNot(links, "other", "n", [IpPrefix.Parse("10.244.9.0/24")]));
        string why = BlockGuard.WhyNot(links, "pods", "n", [IpPrefix.Parse("10.244.9.0/24")])!;
        Assert.Contains("5 of its pods' addresses are of another one (10.244.1.2, 10.244.1.3, 10.244.1.4, ...)", why, StringComparison.Ordinal);
    }

    private ValueTask<HttpAnswer> Ask(string path) => Answers.OverSocket(path, default);

    private async Task<string> Text(string path) => Encoding.UTF8.GetString((await Ask(path)).Body.Span);
}
