using Twill.KernelTests.Harness;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Plugin;

/// <summary>Each state-changing system call of ADD, DEL and GC fails once (SQLite's loop): either the plugin copes, or it says so and leaves nothing.</summary>
public sealed class FailureTests
{
    private static readonly Errno[] s_errnos = [Errno.ENOBUFS, Errno.EPERM];

    public static TheoryData<string> Configurations => ["plain", "dual"];

    private static Net NetOf(string configuration) => configuration == "plain" ? Net.Plain() : Net.Dual();

    [Theory]
    [MemberData(nameof(Configurations))]
    [Trait("cni", "A06")]
    public void Add_OneCallFails_WorksOrLeavesNothingWithoutDel(string configuration)
    {
        var campaign = new Campaign(NetOf(configuration), "ADD, a call fails");
        foreach (Errno errno in s_errnos)
        {
            foreach (bool warm in (bool[])[false, true])
            {
                campaign.With("no DEL", warm, point => Strike.Fail(point, errno), (s, strike) =>
                {
                    Pod pod = s.Host.NewPod();
                    TracedRun run = TracedRun.Of(s.Net.Call("ADD", pod), s.Host, strike);
                    PluginOutcome outcome = run.Outcome;
                    if (!outcome.Ok && run.Report.Points[strike.Point - 1].StartsWith("setns", StringComparison.Ordinal))
                    {
                        // A process that cannot leave a foreign namespace ends at once, by design (NetworkNamespace.OpenSocket): as a kill, DEL follows.
                    }
                    else if (!outcome.Ok)
                    {
                        s.Note(FindingKind.Add, outcome.SpecProblem());
                        s.Audit($"after the failed ADD ({outcome.Message})");
                        if (pod.Links() is { Count: > 0 } links) s.Note(FindingKind.Leak, $"left in the pod: {string.Join(", ", links)}");
                    }
                    else
                    {
                        s.Accept(pod, outcome);
                        s.Audit("after ADD");
                    }

                    s.Detach(pod);
                });
            }
        }

        Check(campaign.Run(s => TracedRun.Of(s.Net.Call("ADD", s.Host.NewPod()), s.Host, Strike.Never).Report.Points.Count));
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    [Trait("cni", "D04")]
    [Trait("cni", "D10")]
    public void Del_OneCallFails_NextDelSucceeds(string configuration)
    {
        var campaign = new Campaign(NetOf(configuration), "DEL, a call fails");
        foreach (Errno errno in s_errnos)
        {
            campaign.With("DEL again", warm: true, point => Strike.Fail(point, errno), (s, strike) =>
            {
                Pod pod = s.Host.NewPod();
                AddResult? result = s.Attach(pod);
                PluginOutcome outcome = TracedRun.Of(s.Net.DelCall(pod, result?.Json), s.Host, strike).Outcome;
                if (outcome.Ok)
                {
                    s.Gone(pod);
                    s.Audit("after the DEL that succeeded");
                }
                else
                {
                    s.Note(FindingKind.Del, outcome.SpecProblem());
                }

                s.Detach(pod, result, "second DEL");
            });
        }

        Check(campaign.Run(s =>
        {
            Pod pod = s.Host.NewPod();
            AddResult? result = s.Attach(pod);
            return TracedRun.Of(s.Net.DelCall(pod, result?.Json), s.Host, Strike.Never).Report.Points.Count;
        }));
    }

    [Fact]
    [Trait("cni", "G04")]
    public void Gc_OneCallFails_NextGcFinishesIt()
    {
        var campaign = new Campaign(Net.Dual(), "GC, a call fails");
        foreach (Errno errno in s_errnos)
        {
            campaign.With("GC again", warm: true, point => Strike.Fail(point, errno), (s, strike) =>
            {
                Stale(s);
                PluginOutcome outcome = TracedRun.Of(s.Net.Gc(s.Living), s.Host, strike).Outcome;
                if (outcome.Ok) s.Audit("after the GC that succeeded");
                else s.Note(FindingKind.Del, outcome.SpecProblem());
                s.Collect("second GC");
            });
        }

        Check(campaign.Run(s =>
        {
            Stale(s);
            return TracedRun.Of(s.Net.Gc(s.Living), s.Host, Strike.Never).Report.Points.Count;
        }));

        static void Stale(Scene s)
        {
            for (int i = 0; i < 3; i++)
            {
                Pod pod = s.Host.NewPod();
                s.Attach(pod);
                s.Gone(pod);
            }
        }
    }

    private static void Check(Tally tally)
    {
        Assert.True(tally.Runs > 0, tally.ToString());
        Assert.True(tally.Texts.Count == 0, $"{Tally.Header}\n{tally}\n{string.Join('\n', tally.Texts)}");
    }
}
