using Twill.Fabric;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Fabric;

/// <summary>A plan followed from list to list is the plan made of the last list alone, and costs what changed.</summary>
public sealed class NodePlannerTests
{
    private static readonly Underlay s_underlay = new() { Device = "eth0", Addresses = [IpPrefix.Parse("192.168.0.1/16"), IpPrefix.Parse("fd01::1/64")] };

    [Theory]
    [InlineData("direct", 1)]
    [InlineData("vxlan", 2)]
    [InlineData("auto", 3)]
    [InlineData("router", 4)]
    [InlineData("auto", 5)]
    [InlineData("vxlan", 6)]
    public void Follow_AnyEdits_SameAsFromNothingAndSameWrites(string backend, int seed)
    {
        var random = new Random(seed);
        var edits = new NodeEdits(random);
        int parts = 0, refused = 0, impossible = 0;
        for (int round = 0; round < 12; round++)
        {
            var cluster = new Cluster { Backend = backend, Nodes = edits.First(), Masquerade = random.Next(2) == 0, PodCidrs = random.Next(2) == 0 ? [IpPrefix.Parse("10.244.0.0/20")] : [], MasqueradeExcept = [IpPrefix.Parse("10.244.3.7/32"), IpPrefix.Parse("172.16.0.0/12")] };
            var planner = new NodePlanner("n00");
            Cluster? admitted = null;
            PretendedKernel byParts = new(NodeState.Empty), byWhole = new(NodeState.Empty);
            Underlay underlay = s_underlay;
            for (int i = 0; i < 60; i++)
            {
                if (i > 0)
                {
                    cluster = cluster with { Nodes = edits.Next(cluster.Nodes) };
                    if (random.Next(25) == 0) cluster = cluster with { Backend = new[] { "direct", "vxlan", "auto", "router" }[random.Next(4)] };
                    if (random.Next(25) == 0) cluster = cluster with { Masquerade = !cluster.Masquerade };
                    if (random.Next(25) == 0) underlay = underlay with { Mtu = 1400 + random.Next(100) };
                }

                // The definition: everybody is decided about, everybody planned, and all of it compared with all of what is there.
                (Cluster now, IReadOnlyList<Refusal> refusals) = Admission.Of(cluster, "n00", underlay, admitted);
                PlanStep? step = null;
                FabricException? error = null;
                try
                {
                    step = planner.Follow(cluster, underlay);
                }
                catch (FabricException e)
                {
                    error = e;
                }

                refused += refusals.Count;
                impossible += error is null ? 0 : 1;
                parts += step is not null && step.Plan.Routes.Count < planner.InForce!.Plan().Routes.Count ? 1 : 0;
                Assert.Equal(refusals.Select(r => r.Text), planner.Refusals.Select(r => r.Text));
                NodePlan? whole = null;
                try
                {
                    ClusterNode? own = now.Nodes.FirstOrDefault(n => n.Name == "n00");
                    if (own is not null) whole = ClusterPlan.For(now, own, underlay);
                }
                catch (FabricException e)
                {
                    Assert.Equal(e.Message, error?.Message);
                }

                Assert.Equal(whole is null, step is null);
                if (whole is null) continue;
                admitted = now;
                IReadOnlyList<NodeStep> wanted = whole.Difference(byWhole.State(whole));
                foreach (NodeStep write in wanted) byWhole.Apply(write);
                Assert.Equal(whole.ToLines(), planner.InForce!.Plan().ToLines());
                IReadOnlyList<NodeStep> written = step!.Plan.Difference(step.Known ?? NodeState.Empty);
                foreach (NodeStep write in written) byParts.Apply(write);
                Assert.Equal(Sorted(wanted), Sorted(written));
                Assert.Empty(whole.Difference(byParts.State(whole)));
            }
        }

        Assert.True((parts > 100 || backend == "router") && refused > 100 && impossible > 0, $"{parts} parts, {refused} refusals, {impossible} errors: these edits prove little");
    }

    [Fact]
    public void Follow_OneNodeOfThousands_LooksAtThatOne()
    {
        const int Size = 3000;
        List<ClusterNode> nodes = [.. Enumerable.Range(0, Size).Select(i => NodeEdits.Regular(i))];
        var cluster = new Cluster { Backend = "vxlan", Nodes = [.. nodes] };
        var planner = new NodePlanner("n00");
        Assert.Equal(Size, planner.Follow(cluster, s_underlay).Nodes);
        long decided = planner.Decided;
        nodes.Insert(Size / 2, NodeEdits.Regular(Size));
        PlanStep step = planner.Follow(cluster with { Nodes = [.. nodes] }, s_underlay);
        Assert.Equal((1, 1), (step.Nodes, planner.Decided - decided));
        Assert.Equal((2, 2, 1), (step.Plan.Routes.Count, step.Plan.Neighbours.Count, step.Plan.Forwards.Count));
        Assert.Equal(6, step.Plan.Difference(step.Known!).Count); // the guard's set beside the five
        nodes.RemoveAt(0 + (Size / 2));
        step = planner.Follow(cluster with { Nodes = [.. nodes] }, s_underlay);
        Assert.Equal((1, 1), (step.Nodes, planner.Decided - decided));
        Assert.Equal(6, step.Plan.Difference(step.Known!).Count);
    }

    [Fact]
    public void Follow_OneNodeOfThousands_AllocatesForThatOneAndAPointerForEach()
    {
        List<ClusterNode> nodes = [.. Enumerable.Range(0, 3000).Select(i => NodeEdits.Regular(i))];
        var cluster = new Cluster { Backend = "vxlan", Nodes = [.. nodes] };
        var planner = new NodePlanner("n00");
        planner.Follow(cluster, s_underlay);
        long most = 0;
        for (int i = 0; i < 20; i++)
        {
            ClusterNode[] next = [.. nodes, NodeEdits.Regular(3000 + (i % 2))];
            long before = GC.GetAllocatedBytesForCurrentThread();
            PlanStep step = planner.Follow(cluster with { Nodes = next }, s_underlay);
            _ = step.Plan.Difference(step.Known!);
            if (i > 2) most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(most, 1, 40_000);
    }

    [Fact]
    public void Follow_FirstFarNodeWhileMasquerading_BuildsTheTableAnew()
    {
        ClusterNode near = NodeEdits.Regular(1), far = near with { Name = "far", Addresses = [IpPrefix.Parse("172.31.0.9/24"), IpPrefix.Parse("fd09::9/64")], PodBlocks = [IpPrefix.Parse("10.250.0.0/24")] };
        var cluster = new Cluster { Backend = "auto", Masquerade = true, Nodes = [NodeEdits.Regular(0), near] };
        var planner = new NodePlanner("n00");
        planner.Follow(cluster, s_underlay);
        PlanStep step = planner.Follow(cluster with { Nodes = [.. cluster.Nodes, far] }, s_underlay);
        Assert.Contains(step.Plan.Difference(step.Known!), s => s is NodeStep.BuildTable);
    }

    [Fact]
    public void Entries_OfPeers_AreFoundAndNoneOfItsOwn()
    {
        var cluster = new Cluster { Backend = "vxlan", Nodes = [NodeEdits.Regular(0), NodeEdits.Regular(1)] };
        var planner = new NodePlanner("n00");
        Assert.False(planner.HasRouteTo(cluster.Nodes[1].PodBlocks[0]));
        planner.Follow(cluster, s_underlay);
        NodePlan plan = planner.InForce!.Plan();
        Assert.All(plan.Routes, r => Assert.True(planner.HasRouteTo(r.Destination)));
        Assert.All(cluster.Nodes[0].PodBlocks, b => Assert.False(planner.HasRouteTo(b)));
        Assert.False(planner.HasRouteTo(RouteSpec.DefaultV4));
        Assert.All(plan.Forwards, f => Assert.Equal(f, planner.ForwardOf(f.Mac)));
        Assert.Null(planner.ForwardOf(plan.Vxlan!.Mac));
        Assert.Equal(2, plan.Neighbours.Count);
        Assert.All(plan.Neighbours, n => Assert.Equal(n, planner.NeighbourOf(n.Address)));
        Assert.Null(planner.NeighbourOf(cluster.Nodes[0].PodBlocks[0].First));
        Assert.Null(planner.NeighbourOf(cluster.Nodes[1].PodBlocks[0].Last));
    }

    private static IEnumerable<string> Sorted(IReadOnlyList<NodeStep> steps) => steps.SelectMany(Lines).Order(StringComparer.Ordinal);

    /// <summary>The order of a set's elements means nothing.</summary>
    private static IEnumerable<string> Lines(NodeStep step) => step is NodeStep.ChangeSet change
        ? [.. change.Added.Select(e => $"{change.Set} + {e.ToText(change.Set)}"), .. change.Removed.Select(e => $"{change.Set} - {e.ToText(change.Set)}")]
        : [step.ToString()];
}
