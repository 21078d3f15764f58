using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Plugin;

/// <summary>kill -9 at every state-changing system call of ADD, DEL and GC: nothing is lost, leaked or doubled (DESIGN I1, faults F1 to F3).</summary>
/// <remarks>Each run has a host of its own. Cold: nothing is there yet, the ADD also makes the bridge. Warm: a neighbour is attached, and must stay well.</remarks>
public sealed class CrashTests
{
    public static TheoryData<string> Configurations => ["plain", "masquerade", "dual", "chained"];

    /// <summary>Those that an ADD can have; a DEL is the same after either kind of "dual".</summary>
    public static TheoryData<string> AddConfigurations => [.. Configurations.Select(c => c.Data), "dual, looking around"];

    private static Net NetOf(string configuration) => configuration switch
    {
        "plain" => Net.Plain(),
        "masquerade" => Net.Masquerade(),
        "dual" => Net.Dual(),
        "dual, looking around" => Net.DualThatLooksAround(),
        "chained" => Net.Chained(),
        _ => throw new ArgumentOutOfRangeException(nameof(configuration)),
    };

    [Theory]
    [MemberData(nameof(AddConfigurations))]
    [Trait("cni", "A12")]
    [Trait("cni", "A06")]
    [Trait("cni", "D05")]
    public void Add_KilledAtEveryPoint_LeavesNothing(string configuration)
    {
        Net net = NetOf(configuration);
        Tally tally = new Campaign(net, "ADD killed")
            .WithAll("DEL", (s, strike) => s.Detach(StruckAdd(s, strike)))
            .WithAll("ADD again, DEL", AddAgain)
            .WithExit("GC", (s, strike) =>
            {
                s.Gone(StruckAdd(s, strike));
                s.Collect();
            })
            .WithExit("the namespace vanishes, ADD of another", (s, strike) =>
            {
                s.Vanish(StruckAdd(s, strike));
                Pod other = s.Host.NewPod();
                AddResult? result = s.Attach(other, "ADD of another");
                s.Audit("with another", afterVanishing: true);
                if (result is not null) s.Detach(other, result);
            })
            .WithExit("the namespace vanishes, DEL without it", (s, strike) =>
            {
                Pod pod = StruckAdd(s, strike);
                s.Vanish(pod);
                s.Detach(pod);
            })
            .Run(s => Count(s, s.Net.Call("ADD", s.Host.NewPod())));
        Check(tally);
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    [Trait("cni", "D04")]
    [Trait("cni", "D02")]
    [Trait("cni", "A12")]
    public void Del_KilledAtEveryPoint_NextDelFinishesIt(string configuration)
    {
        Net net = NetOf(configuration);
        Tally tally = new Campaign(net, "DEL killed")
            .WithAll("DEL twice more", (s, strike) =>
            {
                (Pod pod, AddResult? result, _) = StruckDel(s, strike);
                s.Detach(pod, result, "second DEL");
                s.Audit("after the second DEL");
                s.Detach(pod, result, "third DEL");
            })
            .WithExit("the namespace vanishes, DEL without it", (s, strike) =>
            {
                (Pod pod, AddResult? result, _) = StruckDel(s, strike);
                s.Vanish(pod);
                s.Detach(pod, result);
            })
            .WithExit("GC", (s, strike) =>
            {
                (Pod pod, AddResult? result, _) = StruckDel(s, strike);
                s.Collect();
                if (s.Net.DelOthers(s.Host, pod, result?.Json) is { } failed) s.Note(FindingKind.Run, $"the chain's DEL: {failed}");
            })
            .Run(s =>
            {
                Pod pod = s.Host.NewPod();
                AddResult? result = s.Attach(pod);
                s.Net.DelOthers(s.Host, pod, result?.Json);
                return Count(s, s.Net.DelCall(pod, result?.Json));
            });
        Check(tally);
    }

    // Not "chained": a GC of ours is the same there, and the reference plugins of that version have none.
    [Theory]
    [InlineData("plain")]
    [InlineData("masquerade")]
    [InlineData("dual")]
    [Trait("cni", "G02")]
    [Trait("cni", "G11")]
    public void Gc_KilledAtEveryPoint_NextGcFinishesIt(string configuration)
    {
        Net net = NetOf(configuration);
        Tally tally = new Campaign(net, "GC killed")
            .With("GC again", warm: false, Strike.KillAtEntry, GcAgain)
            .With("GC again", warm: true, Strike.KillAtExit, GcAgain)
            .With("DELs instead", warm: true, Strike.KillAtExit, (s, strike) =>
            {
                List<Pod> stale = Stale(s);
                TracedRun.Of(s.Net.Gc(s.Living), s.Host, strike);
                foreach (Pod pod in stale) s.Detach(pod);
                s.Audit("after DEL");
            })
            .Run(s =>
            {
                Stale(s);
                return Count(s, s.Net.Gc(s.Living));
            });
        Check(tally);

        static void GcAgain(Scene s, Strike strike)
        {
            Stale(s);
            Struck(s, TracedRun.Of(s.Net.Gc(s.Living), s.Host, strike));
            s.Collect("second GC");
            s.Audit("after the second GC");
            s.Collect("third GC");
        }
    }

    [Theory]
    [InlineData("CHECK")]
    [InlineData("STATUS")]
    [Trait("cni", "K07")]
    [Trait("cni", "S06")]
    public void Question_KilledAtEveryPoint_ChangesNothing(string verb)
    {
        Tally tally = new Campaign(Net.Dual(), $"{verb} killed")
            .With("nothing", warm: true, Strike.KillAtExit, (s, strike) =>
            {
                (Pod pod, PluginRun run) = Prepare(s);
                string host = s.Host.Dump(), inside = pod.Dump();
                TracedRun.Of(run, s.Host, strike);
                if (s.Host.Dump() != host || pod.Dump() != inside) s.Note(FindingKind.Leak, "it changed something");
                s.Detach(pod);
            })
            .Run(s => Count(s, Prepare(s).Run));
        Check(tally);

        (Pod Pod, PluginRun Run) Prepare(Scene s)
        {
            Pod pod = s.Host.NewPod();
            AddResult? result = s.Attach(pod);
            return (pod, verb == "STATUS" ? s.Net.Call(verb) : s.Net.Call(verb, pod, prevResult: result?.Json));
        }
    }

    private static int Count(Scene scene, PluginRun run)
    {
        TracedRun traced = TracedRun.Of(run, scene.Host, Strike.Never);
        Assert.True(traced.Outcome.Ok, traced.Outcome.ToString());
        return traced.Report.Points.Count;
    }

    /// <summary>The strike took place; and what ended before it with success is held to its word.</summary>
    private static void Struck(Scene s, TracedRun run)
    {
        if (!run.Report.Killed) s.Note(FindingKind.Run, $"the point was not reached: {run.Report.Points.Count} points, {run.Outcome}");
        if (run.Reported && run.Outcome.Run.Command is "DEL" or "GC") s.Audit($"{run.Outcome.Run.Command} had reported success before the kill");
    }

    private static Pod StruckAdd(Scene s, Strike strike)
    {
        Pod pod = s.Host.NewPod();
        TracedRun run = TracedRun.Of(s.Net.Call("ADD", pod), s.Host, strike);
        Struck(s, run);
        if (run.Reported) s.Accept(pod, run.Outcome, "ADD that reported success before the kill");
        return pod;
    }

    private static void AddAgain(Scene s, Strike strike)
    {
        Pod pod = StruckAdd(s, strike);
        if (s.Host.Look().Link($"twill:{pod.ContainerId}:eth0") is { } finished)
        {
            // The kill came after the commit, and only the result was lost: an attachment that is whole. The specification wants a second
            // ADD without DEL refused (A10), and nothing can tell this one from that; the runtime's DEL, then ADD, must work.
            PluginOutcome refused = s.Net.Add(s.Host, pod);
            s.Note(FindingKind.Add, refused.SpecProblem());
            s.Live(new Attachment(pod.ContainerId, "eth0", Harness.Audit.Claims(finished), s.Net.Shaped));
            if (s.Net.LinksOfOthers.Length == 0) s.Audit("after the refused ADD");
            s.Detach(pod);
        }

        AddResult? result = s.Attach(pod, "ADD again");
        if (result is not null) s.Audit("after ADD again");
        s.Detach(pod, result);
    }

    private static (Pod Pod, AddResult? Result, TracedRun Run) StruckDel(Scene s, Strike strike)
    {
        Pod pod = s.Host.NewPod();
        AddResult? result = s.Attach(pod);
        if (s.Net.DelOthers(s.Host, pod, result?.Json) is { } failed) s.Note(FindingKind.Run, $"the chain's DEL: {failed}");
        TracedRun run = TracedRun.Of(s.Net.DelCall(pod, result?.Json), s.Host, strike);
        s.Gone(pod);
        Struck(s, run);
        return (pod, result, run);
    }

    /// <summary>What GC is to find: two pods who must stay, three finished attachments nobody wants, one whose ADD was killed half-way.</summary>
    private static List<Pod> Stale(Scene s)
    {
        s.Attach(s.Host.NewPod());
        s.Attach(s.Host.NewPod());
        var stale = new List<Pod>();
        for (int i = 0; i < 3; i++)
        {
            Pod pod = s.Host.NewPod();
            s.Attach(pod);
            s.Gone(pod);
            stale.Add(pod);
            if (s.Net.DelOthers(s.Host, pod, null) is { } failed) s.Note(FindingKind.Run, $"the chain's DEL: {failed}");
        }

        Pod dead = s.Host.NewPod();
        PluginRun add = s.Net.Call("ADD", dead);
        TracedRun.Of(add, s.Host, Strike.KillAtEntry(LastSend(s)));
        stale.Add(dead);
        return stale;
    }

    private static int LastSend(Scene s)
    {
        Pod probe = s.Host.NewPod();
        List<string> points = [.. TracedRun.Of(s.Net.Call("ADD", probe), s.Host, Strike.Never).Report.Points];
        if (s.Net.Del(s.Host, probe) is { Ok: false } failed) s.Note(FindingKind.Del, failed.ToString());
        return points.FindLastIndex(p => p.StartsWith("send netlink", StringComparison.Ordinal));
    }

    private static void Check(Tally tally)
    {
        Assert.True(tally.ColdPoints > 0 && tally.WarmPoints > 0, tally.ToString());
        Assert.True(tally.Texts.Count == 0, $"{Tally.Header}\n{tally}\n{string.Join('\n', tally.Texts)}");
    }
}
