using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Plugin;

/// <summary>
/// Races by choice, not by luck: one run stands still at each of its state-changing calls in turn, another runs from start to end,
/// the first goes on. Every place where one process can interrupt another once is tried.
/// </summary>
public sealed class InterleavingTests
{
    private static readonly string[] s_duringAdd = ["ADD of another", "ADD of the same", "DEL of the same", "DEL of the same, ADD of another", "DEL of another", "GC that lists it", "GC that does not", "its namespace vanishes"];
    private static readonly string[] s_duringDel = ["ADD of another", "DEL of the same", "GC", "ADD of another who wishes its address"];
    private static readonly string[] s_duringGc = ["ADD of another", "ADD of one it sweeps", "DEL of one it sweeps, ADD of another who wishes its address", "GC"];

    public static TheoryData<string> DuringAdd => [.. s_duringAdd];

    public static TheoryData<string> DuringDel => [.. s_duringDel];

    public static TheoryData<string> DuringGc => [.. s_duringGc];

    [Theory]
    [MemberData(nameof(DuringAdd))]
    [Trait("cni", "E13")]
    [Trait("cni", "G10")]
    [Trait("cni", "A10")]
    public void Add_InterruptedAtEveryPoint_StaysTruthful(string by)
    {
        Campaign campaign = new Campaign(Net.Dual(), $"ADD / {by}").With(by, warm: true, Strike.KillAtEntry, (s, strike) => Play(s, strike.Point));
        if (by != "DEL of another") campaign.With(by, warm: false, Strike.KillAtEntry, (s, strike) => Play(s, strike.Point));
        Tally tally = campaign.Run(s => TracedRun.Of(s.Net.Call("ADD", s.Host.NewPod()), s.Host, Strike.Never).Report.Points.Count);
        Check(tally);

        void Play(Scene s, int point)
        {
            Pod pod = s.Host.NewPod(), other = s.Host.NewPod();
            if (by == "DEL of another") s.Attach(other, "the other");
            PluginOutcome outcome;
            int winners = 0;
            using (PausedRun paused = PausedRun.Start(s.Net.Call("ADD", pod), s.Host, point))
            {
                if (!paused.IsPaused) s.Note(FindingKind.Run, "the point was not reached");
                switch (by)
                {
                    case "ADD of another":
                        s.Attach(other, by);
                        break;
                    case "ADD of the same":
                        PluginOutcome second = s.Net.Add(s.Host, pod);
                        if (second.Ok) winners++;
                        else s.Note(FindingKind.Add, second.SpecProblem());
                        break;
                    case "DEL of the same":
                        s.Detach(pod);
                        break;
                    case "DEL of the same, ADD of another":
                        // The other gets the address that the first has just lost, and perhaps still believes to have.
                        s.Detach(pod);
                        s.Attach(other, by);
                        break;
                    case "DEL of another":
                        s.Detach(other);
                        break;
                    case "GC that lists it":
                        s.Collect(by, new Attachment(pod.ContainerId, "eth0", null));
                        break;
                    case "GC that does not":
                        s.Collect(by);
                        break;
                    default:
                        s.Vanish(pod);
                        break;
                }

                outcome = paused.Resume();
            }

            if (outcome.Ok) winners++;
            else s.Note(FindingKind.Add, outcome.SpecProblem());
            switch (by)
            {
                case "its namespace vanishes":
                    // Whatever it said: the runtime's DEL follows.
                    s.Detach(pod);
                    return;
                case "ADD of the same":
                    if (winners != 1) s.Note(FindingKind.Add, $"{winners} winners: {outcome}");
                    if (winners > 0) s.Live(new Attachment(pod.ContainerId, "eth0", null, s.Net.Shaped));
                    break;
                case "DEL of the same" or "DEL of the same, ADD of another":
                    // The DEL came before the commit or after it: attached with a true result, or nothing left.
                    if (outcome.Ok && s.Host.Look().Link($"twill:{pod.ContainerId}:eth0") is not null) s.Accept(pod, outcome, "ADD that survived a DEL");
                    else if (pod.Links() is { Count: > 0 } links) s.Note(FindingKind.Leak, $"left in the pod: {string.Join(", ", links)}");
                    break;
                default:
                    if (outcome.Ok) s.Accept(pod, outcome);
                    else s.Note(FindingKind.Add, $"it lost: {outcome}");
                    break;
            }

            s.Audit("after it ended");
            s.Detach(pod);
            if (by != "DEL of the same, ADD of another") return;

            // Nothing of the first may have stuck to the other: it comes and goes once more.
            s.Attach(pod, "ADD of the first again");
            s.Audit("after the first came again");
            s.Detach(pod);
        }
    }

    [Theory]
    [MemberData(nameof(DuringDel))]
    [Trait("cni", "D08")]
    [Trait("cni", "E13")]
    public void Del_InterruptedAtEveryPoint_HurtsNobody(string by)
    {
        Tally tally = new Campaign(Net.Dual(), $"DEL / {by}")
            .With(by, warm: true, Strike.KillAtEntry, (s, strike) =>
            {
                Pod pod = s.Host.NewPod(), other = s.Host.NewPod();
                AddResult? result = s.Attach(pod);
                PluginOutcome outcome;
                using (PausedRun paused = PausedRun.Start(s.Net.DelCall(pod, result?.Json), s.Host, strike.Point))
                {
                    s.Gone(pod);
                    switch (by)
                    {
                        case "ADD of another":
                            s.Attach(other, by);
                            break;
                        case "DEL of the same":
                            s.Detach(pod, result, by);
                            break;
                        case "GC":
                            s.Collect(by);
                            break;
                        default:
                            Wishing(s, other, result);
                            break;
                    }

                    outcome = paused.Resume();
                }

                if (!outcome.Ok) s.Note(FindingKind.Del, outcome.ToString());
            })
            .Run(s =>
            {
                Pod pod = s.Host.NewPod();
                AddResult? result = s.Attach(pod);
                return TracedRun.Of(s.Net.DelCall(pod, result?.Json), s.Host, Strike.Never).Report.Points.Count;
            });
        Check(tally);
    }

    // Not at the first point: a GC that has not looked yet cannot tell a new attachment from an old one that its list leaves out.
    // The specification has the runtime see to that (G10).
    [Theory]
    [MemberData(nameof(DuringGc))]
    [Trait("cni", "G10")]
    [Trait("cni", "G06")]
    public void Gc_InterruptedAtEveryPoint_HurtsNobody(string by)
    {
        foreach (int stale in (int[])[1, 5])
        {
            Tally tally = new Campaign(Net.Dual(), $"GC of {stale} / {by}")
                .With(by, warm: true, Strike.KillAtEntry, (s, strike) =>
                {
                    List<(Pod Pod, AddResult? Result)> swept = Swept(s, stale);
                    Pod other = s.Host.NewPod();
                    PluginOutcome outcome;
                    using (PausedRun paused = PausedRun.Start(s.Net.Gc(s.Living), s.Host, strike.Point))
                    {
                        switch (by)
                        {
                            case "ADD of another":
                                s.Attach(other, by);
                                break;
                            case "ADD of one it sweeps":
                                // DEL first, as a runtime must. The new attachment is not in the list that GC was given.
                                s.Detach(swept[0].Pod, swept[0].Result);
                                s.Attach(swept[0].Pod, by);
                                break;
                            case "GC":
                                s.Collect(by);
                                break;
                            default:
                                s.Detach(swept[0].Pod, swept[0].Result);
                                Wishing(s, other, swept[0].Result);
                                break;
                        }

                        outcome = paused.Resume();
                    }

                    if (!outcome.Ok) s.Note(FindingKind.Del, outcome.ToString());
                })
                .Run(s =>
                {
                    Swept(s, stale);
                    return TracedRun.Of(s.Net.Gc(s.Living), s.Host, Strike.Never).Report.Points.Count;
                }, only: point => point > 1);
            Check(tally);
        }

        static List<(Pod, AddResult?)> Swept(Scene s, int count)
        {
            var list = new List<(Pod, AddResult?)>();
            for (int i = 0; i < count; i++)
            {
                Pod pod = s.Host.NewPod();
                list.Add((pod, s.Attach(pod)));
                s.Gone(pod);
            }

            return list;
        }
    }

    /// <summary>ADD of a pod that wants the very addresses of another: it gets them if they are free, or is refused; what it gets it must keep.</summary>
    private static void Wishing(Scene s, Pod pod, AddResult? result)
    {
        Net wishing = s.Net.Wishing(result!.Addresses);
        PluginOutcome outcome = wishing.Add(s.Host, pod);
        if (outcome.Ok) s.Accept(pod, outcome, "ADD with a wish");
        else s.Note(FindingKind.Add, outcome.SpecProblem());
    }

    private static void Check(Tally tally)
    {
        Assert.True(tally.Runs > 0, tally.ToString());
        Assert.True(tally.Texts.Count == 0, $"{Tally.Header}\n{tally}\n{string.Join('\n', tally.Texts)}");
    }
}
