using System.Collections.Immutable;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Services;

public sealed class ServiceTraceTests
{
    internal static Dictionary<string, IReadOnlyList<NftExpression[]>> ChainsOf(ServicePlan plan)
        => ServiceTable.Rules.Concat(plan.Chains.SelectMany(c => c.Rules())).GroupBy(r => r.Chain.Name).ToDictionary(g => g.Key, g => (IReadOnlyList<NftExpression[]>)[.. g.Select(r => r.Compile().ToArray())]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Table_OfRandomServices_SendsEachPacketWhereKubeProxyWould(int seed)
    {
        var random = new Random(seed);
        List<ServiceDescription> services = RandomServices.Make(random, 12);
        ServicePlan plan = ServiceCompiler.Compile(new ServiceSnapshot(RandomServices.Node, services));
        int round = 0;
        var tracer = new PacketTracer(ChainsOf(plan), [.. plan.Elements().Select(e => (e.Set.Name, e.Element))], modulus => (uint)(round++ % modulus));
        var kinds = new HashSet<string>();
        foreach (TracedPacket packet in ServiceOracle.Packets(services, RandomServices.Node))
        {
            HashSet<string> expected = ServiceOracle.Expect(services, RandomServices.Node, packet);
            // Twice: what the first packet remembers, the second meets.
            for (int i = 0; i < 2; i++)
            {
                string end = tracer.Walk("services", packet);
                Assert.True(expected.Contains(end), $"seed {seed}: {packet}: {end}, not {string.Join(" | ", expected)}");
                kinds.Add(end.Contains(" . ", StringComparison.Ordinal) ? "endpoint" : end);
            }
        }

        Assert.Equal(["drop", "endpoint", "none", "reject"], kinds.Order());
    }

    [Fact]
    public void Plan_ChangedStepByStep_IsTheSameAsItsDifferencesApplied()
    {
        var random = new Random(7);
        ServiceDescription[] services = [.. RandomServices.Make(random, 20)];
        ServicePlan plan = ServiceCompiler.Compile(new ServiceSnapshot(RandomServices.Node, services));
        Dictionary<(string, NftBytes), NftElement> kernel = plan.Elements().ToDictionary(e => (e.Set.Name, e.Element.Key), e => e.Element);
        for (int step = 0; step < 40; step++)
        {
            services = [.. services];
            int at = random.Next(services.Length);
            services[at] = RandomServices.Make(random, services.Length)[at];
            ServicePlan next = ServiceCompiler.Compile(new ServiceSnapshot(RandomServices.Node, services), plan);
            ServiceDifference difference = ServiceDifference.Between(plan, next);
            foreach (NftSet set in ServiceTable.OurSets)
            {
                foreach (NftElement gone in difference.Removed(set)) Assert.True(kernel.Remove((set.Name, gone.Key)));
                foreach (NftElement made in difference.Added(set)) kernel.Add((set.Name, made.Key), made);
            }

            plan = next;
            Assert.Equal(plan.Elements().Select(e => (e.Set.Name, e.Element.Key.ToString(), e.Element)).OrderBy(e => (e.Name, e.Item2)), kernel.Select(e => (Name: e.Key.Item1, Item2: e.Key.Item2.ToString(), e.Value)).OrderBy(e => (e.Name, e.Item2)));
        }
    }

    /// <summary>Services come, go, move in the list and change, alone and together: what is taken from the plan before is what would be compiled anew.</summary>
    [Fact]
    public void Plan_MadeFromAnother_IsTheOneMadeFromNothing_AndCompilesOnlyWhatChanged()
    {
        var random = new Random(21);
        var services = RandomServices.Make(random, 12);
        ServicePlan plan = ServiceCompiler.Compile(new ServiceSnapshot(RandomServices.Node, services));
        for (int step = 0; step < 25; step++)
        {
            services = [.. services];
            int changes = random.Next(4), gone = random.Next(3), moved = random.Next(2);
            var fresh = new HashSet<string>();
            for (int i = 0; i < gone && services.Count > 5; i++) services.RemoveAt(random.Next(services.Count));
            for (int i = 0; i < moved; i++) services.Reverse(0, services.Count / 2);
            foreach (ServiceDescription candidate in RandomServices.Make(random, 12).OrderBy(_ => random.Next()).Take(changes))
            {
                int at = services.FindIndex(s => s.Name == candidate.Name);
                if (at < 0) services.Insert(random.Next(services.Count), candidate);
                else services[at] = candidate;
                fresh.Add(candidate.Name);
            }

            ServicePlan next = ServiceCompiler.Compile(new ServiceSnapshot(RandomServices.Node, services), plan);
            Assert.Equal(fresh.Count, next.Compiled);
            ServicePlan whole = ServiceCompiler.Compile(new ServiceSnapshot(RandomServices.Node, services), plan.Arranged);
            Assert.Equal(Lines(whole), Lines(next));
            Assert.Equal(whole.Chains.Order(Comparer<SpreadChain>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name))), next.Chains.Order(Comparer<SpreadChain>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name))));
            ServiceDifference quick = ServiceDifference.Between(plan, next), slow = ServiceDifference.Between(plan, whole);
            foreach (NftSet set in ServiceTable.OurSets)
            {
                Assert.Equal(Texts(set, slow.Removed(set)), Texts(set, quick.Removed(set)));
                Assert.Equal(Texts(set, slow.Added(set)), Texts(set, quick.Added(set)));
            }

            plan = next;
        }

        static List<string> Lines(ServicePlan plan) => [.. plan.Elements().Select(e => e.ToString()).Order(StringComparer.Ordinal)];
        static List<string> Texts(NftSet set, IEnumerable<NftElement> elements) => [.. elements.Select(e => e.ToText(set)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Who comes first in the list has a frontend that two want, also after changes that concern neither.</summary>
    [Fact]
    public void Plan_TwoWantOneFrontend_TheFirstHasIt_UntilItGoes()
    {
        static ServiceDescription Make(string name, string ip) => new() { Namespace = "a", Name = name, ClusterIps = [IpAddress.Parse(ip)], ExternalIps = [IpAddress.Parse("203.0.113.1")], Ports = [new ServicePort("", ServiceProtocol.Tcp, 80)] };
        ServiceDescription one = Make("one", "10.96.0.1"), two = Make("two", "10.96.0.2"), other = Make("other", "10.96.0.3") with { ExternalIps = [] };
        var wanted = new FrontendKey(IpAddress.Parse("203.0.113.1"), ServiceProtocol.Tcp, 80);
        string Owner(ServicePlan plan) => plan.Services.Values.Single(s => s.Frontends.Any(f => f.Key == wanted)).Description.Name;
        ServicePlan first = ServiceCompiler.Compile(new ServiceSnapshot(RandomServices.Node, [one, other]));
        ServicePlan both = ServiceCompiler.Compile(new ServiceSnapshot(RandomServices.Node, [one, two, other]), first);
        Assert.Equal("one", Owner(both));
        Assert.Equal(wanted, Assert.Single(both.Services[("a", "two")].Denied));
        ServicePlan moved = ServiceCompiler.Compile(new ServiceSnapshot(RandomServices.Node, [two, one, other]), both);
        Assert.Equal("two", Owner(moved));
        Assert.Equal("one", Owner(ServiceCompiler.Compile(new ServiceSnapshot(RandomServices.Node, [one, other]), moved)));
    }

    [Fact]
    public void Arrange_OneLeaves_MovesOnlyTheLast()
    {
        List<Backend> wanted = [.. Enumerable.Range(0, 100).Select(i => new Backend(IpAddress.V4(0x0a000000u + (uint)i), 80))];
        ImmutableArray<Backend> before = ServiceCompiler.Arrange(wanted, null);
        wanted.RemoveAt(31);
        ImmutableArray<Backend> after = ServiceCompiler.Arrange(wanted, before);
        Assert.Equal(99, after.Length);
        Assert.Equal(before[99], after[31]);
        Assert.Equal(1, Enumerable.Range(0, 99).Count(i => before[i] != after[i]));
    }

    [Fact]
    public void Maglev_OneOfTwentyLeaves_FewOthersMove_AndSharesAreEven()
    {
        Backend[] backends = [.. Enumerable.Range(0, 20).Select(i => new Backend(IpAddress.V4(0x0a000000u + (uint)i), 80))];
        int[] before = MaglevTable.Build(backends), after = MaglevTable.Build(backends.AsSpan(0, 19));
        int moved = Enumerable.Range(0, MaglevTable.Size).Count(i => before[i] != 19 && before[i] != after[i]);
        Assert.True(moved < MaglevTable.Size / 10, $"{moved} slots moved that had no reason to");
        foreach (int count in Enumerable.Range(0, 20).Select(b => before.Count(s => s == b))) Assert.InRange(count, MaglevTable.Size / 20, (MaglevTable.Size / 20) + 1);
    }
}
