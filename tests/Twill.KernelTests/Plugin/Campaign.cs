using System.Diagnostics;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Plugin;

/// <summary>An operation struck at every one of its state-changing calls, each time on a host of its own, each time with another aftermath.</summary>
internal sealed class Campaign(Net net, string operation)
{
    private const int Threads = 2;

    private static readonly SortedDictionary<string, string> s_rows = new(StringComparer.Ordinal);

    private readonly List<(string Name, bool Warm, Func<int, Strike> Strike, Action<Scene, Strike> Play)> _plays = [];

    /// <summary>Adds a way to strike and what follows.</summary>
    /// <param name="play">Does the operation under the strike, then the aftermath, and notes what is wrong.</param>
    internal Campaign With(string name, bool warm, Func<int, Strike> strike, Action<Scene, Strike> play)
    {
        _plays.Add((name, warm, strike, play));
        return this;
    }

    /// <summary>kill -9 at the exit of every point, on an empty host and with a neighbour.</summary>
    /// <remarks>The kernel's state at the entry of the next point is the same: this is every state there is.</remarks>
    internal Campaign WithExit(string name, Action<Scene, Strike> play) => With(name, warm: false, Strike.KillAtExit, play).With(name, warm: true, Strike.KillAtExit, play);

    /// <summary>kill -9 at the entry and at the exit.</summary>
    internal Campaign WithAll(string name, Action<Scene, Strike> play) => WithExit(name, play).With(name, warm: false, Strike.KillAtEntry, play).With(name, warm: true, Strike.KillAtEntry, play);

    /// <param name="count">Runs the operation once without a strike and says how many points it has.</param>
    internal Tally Run(Func<Scene, int> count, Func<int, bool>? only = null)
    {
        var tally = new Tally($"{net.Title}, {operation}");
        long start = Stopwatch.GetTimestamp();
        using (var scene = new Scene(net, warm: false)) tally.ColdPoints = count(scene);
        using (var scene = new Scene(net, warm: true)) tally.WarmPoints = count(scene);
        var runs = new List<(string Name, bool Warm, Strike Strike, Action<Scene, Strike> Play)>();
        foreach (var play in _plays)
        {
            for (int point = 1; point <= (play.Warm ? tally.WarmPoints : tally.ColdPoints); point++)
            {
                if (only is null || only(point)) runs.Add((play.Name, play.Warm, play.Strike(point), play.Play));
            }
        }

        Workers.ForEach(runs, Threads, run =>
        {
            string name = $"{(run.Warm ? "warm" : "cold")}, {run.Strike}, {run.Name}";
            using var scene = new Scene(net, run.Warm);
            try
            {
                run.Play(scene, run.Strike);
                scene.Audit("at the end", afterVanishing: run.Name.Contains("vanish", StringComparison.Ordinal));
            }
            catch (Exception e)
            {
                scene.Note(FindingKind.Run, $"{e.GetType().Name}: {e.Message}");
            }

            tally.Add(name, scene.Findings);
        });
        tally.Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Report(tally);
        return tally;
    }

    /// <summary>The row goes to the test's output, and all rows so far to artifacts/proof/crash.txt.</summary>
    private static void Report(Tally tally)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(Tally.Header);
        TestContext.Current.TestOutputHelper?.WriteLine(tally.ToString());
        lock (s_rows)
        {
            s_rows[tally.Title] = tally.ToString();
            Artifacts.Keep("crash.txt", $"{Tally.Header}\n{string.Join('\n', s_rows.Values)}\n");
        }
    }
}
