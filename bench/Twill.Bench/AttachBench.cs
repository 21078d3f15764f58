using System.Diagnostics;
using Twill.Linux.Netns;

namespace Twill.Bench;

/// <summary>Runs the rounds: every subject, every node, one after another, in an order that turns from round to round.</summary>
public sealed class AttachBench(BenchOptions options, IReadOnlyList<Subject> subjects, CancellationToken stop)
{
    /// <summary>Rounds between two clean-ups: so many namespaces are made in advance, and taken down where no clock runs.</summary>
    private const int BlockRounds = 25;

    /// <summary>A row group that runs out of time has at least so many rounds.</summary>
    private const int LeastRounds = 5;

    private const int CountPasses = 3;
    private const string Scratch = "/run/bench";

    private readonly Spawner _spawner = new(options.Tools);
    private readonly NetworkNamespace _own = NetworkNamespace.Own();

    private bool _hasVersion;

    public Guard Guard { get; } = new();

    private Step VersionFloor => new(options.Program, ["twill", "--version"], [], default, false);

    public Results Run()
    {
        Scenario[] scenarios = [.. Scenario.All.Where(s => options.Configs.Count == 0 || options.Configs.Contains(s.Key))];
        var results = new Results(subjects, scenarios);
        _hasVersion = !options.StandIn && _spawner.Run(_own, [new Job([VersionFloor])])[0].Ok;
        foreach (Scenario scenario in scenarios)
        {
            if (stop.IsCancellationRequested) break;
            RunScenario(scenario, results);
        }

        results.Interrupted = stop.IsCancellationRequested;
        foreach (string name in NetworkNamespace.ListNamed()) Guard.Violate($"namespace {name} left behind");
        return results;
    }

    private void RunScenario(Scenario scenario, Results results)
    {
        var nodes = new List<Node>();
        try
        {
            foreach (int pods in options.Pods)
            {
                foreach (Subject subject in subjects)
                {
                    Progress($"{scenario.Key}: {subject.Name}, {pods} pods present");
                    var node = new Node(subject, scenario, pods, $"{Scratch}/{scenario.Key}-{nodes.Count}");
                    nodes.Add(node);
                    node.Fill(_spawner, Guard);
                    if (stop.IsCancellationRequested) return;
                }
            }

            foreach (Node node in nodes.Take(subjects.Count)) Count(node, results);
            foreach (int workers in options.Workers) Measure(nodes, scenario, workers, results);
            foreach (Node node in nodes) node.CheckNothingLeft(Guard);
        }
        finally
        {
            foreach (Node node in nodes) node.Dispose();
            KernelView.Settle(_own);
        }
    }

    private void Measure(List<Node> nodes, Scenario scenario, int workers, Results results)
    {
        // Two calls per worker keep all of them busy for most of a batch; each row has about as many calls as there are rounds.
        int batch = workers == 1 ? 1 : 2 * workers;
        int rounds = Math.Max(1, (options.Rounds + batch - 1) / batch);
        long start = Stopwatch.GetTimestamp();
        for (int done = 0; done < rounds;)
        {
            int block = Math.Min(workers == 1 ? BlockRounds : 1, rounds - done);
            var pods = new Queue<Pod>();
            for (int i = 0; i < block * nodes.Count * batch; i++) pods.Enqueue(Pod.Create());
            Pod[] all = [.. pods];
            try
            {
                KernelView.Settle(_own);
                for (int i = 0; i < block; i++, done++)
                {
                    if (stop.IsCancellationRequested) return;
                    if (workers == 1) MeasureFloors(scenario, results);
                    for (int n = 0; n < nodes.Count; n++)
                    {
                        // Forwards and backwards in turn, each time from another one: nobody always follows the same neighbour.
                        int at = (done + n) % nodes.Count;
                        Node node = nodes[done % 2 == 0 ? at : nodes.Count - 1 - at];
                        MeasureBatch(node, [.. Enumerable.Range(0, batch).Select(_ => pods.Dequeue())], workers, done == 0, results);
                    }

                    if (done + 1 >= LeastRounds && Stopwatch.GetElapsedTime(start).TotalSeconds > options.Seconds)
                    {
                        Progress($"{scenario.Key}, {workers} at once: time is up after {done + 1} of {rounds} rounds");
                        return;
                    }
                }
            }
            finally
            {
                foreach (Pod pod in all) pod.Dispose();
                KernelView.Settle(_own);
            }

            Progress($"{scenario.Key}, {workers} at once: {done} of {rounds} rounds, {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
        }
    }

    private void MeasureBatch(Node node, Pod[] pods, int workers, bool ping, Results results)
    {
        IReadOnlyList<Outcome> added = _spawner.Run(node.Host, [.. pods.Select(node.Add)], workers);
        Record(node, "ADD", workers, added, results);
        var attached = new List<(Pod Pod, Attachment Attachment)>();
        for (int i = 0; i < pods.Length; i++)
        {
            if (Guard.Added(node, pods[i], added[i], ping && i == 0) is { } attachment) attached.Add((pods[i], attachment));
        }

        if (attached.Count == 0) return;
        IReadOnlyList<Outcome> removed = _spawner.Run(node.Host, [.. attached.Select(a => node.Del(a.Pod, a.Attachment))], workers);
        Record(node, "DEL", workers, removed, results);
        for (int i = 0; i < attached.Count; i++) Guard.Removed(node, attached[i].Pod, attached[i].Attachment, removed[i]);
    }

    private static void Record(Node node, string verb, int workers, IReadOnlyList<Outcome> outcomes, Results results)
    {
        Series series = results.Row(new RowKey(node.Scenario.Key, node.PodCount, workers, verb, node.Subject.Name));
        foreach (Outcome outcome in outcomes) series.Add(outcome);
        series.BatchNs += outcomes.Max(o => o.StartNs + o.Ns) - outcomes.Min(o => o.StartNs);
    }

    private void MeasureFloors(Scenario scenario, Results results)
    {
        foreach ((string name, Step step) in Floors())
        {
            Outcome outcome = _spawner.Run(_own, [new Job([step])])[0];
            if (!outcome.Ok) Guard.Violate($"{name}: exit {outcome.ExitCode}");
            results.Floor(name, scenario.Key).Add(outcome);
        }
    }

    private IEnumerable<(string Name, Step Step)> Floors()
    {
        yield return ("C true, static", new Step(Path.Combine(options.Tools, "true-static"), ["true"], [], default, false));
        yield return ("C true, dynamic", new Step(Path.Combine(options.Tools, "true-dynamic"), ["true"], [], default, false));
        foreach (Subject subject in subjects) yield return ($"{subject.Name}: CNI VERSION", subject.VersionStep());
        if (_hasVersion) yield return ("twill --version", VersionFloor);
    }

    private void Count(Node node, Results results)
    {
        var passes = new List<(Outcome Add, Outcome Del)>();
        for (int i = 0; i < CountPasses; i++)
        {
            using Pod pod = Pod.Create();
            Outcome added = _spawner.Run(node.Host, [node.Add(pod)], count: true)[0];
            if (Guard.Added(node, pod, added, ping: false) is not { } attachment) return;
            Outcome removed = _spawner.Run(node.Host, [node.Del(pod, attachment)], count: true)[0];
            Guard.Removed(node, pod, attachment, removed);
            passes.Add((added, removed));
        }

        results.Counts.Add(Counted(node, "ADD", [.. passes.Select(p => p.Add)]));
        results.Counts.Add(Counted(node, "DEL", [.. passes.Select(p => p.Del)]));
    }

    private static CallCount Counted(Node node, string verb, Outcome[] passes)
    {
        double Median(Func<Outcome, long> of) => Series.Quantile([.. passes.Select(o => (double)of(o)).Order()], 0.5);
        Outcome typical = passes.OrderBy(o => o.Calls).ElementAt(passes.Length / 2);
        return new CallCount(node.Scenario.Key, verb, node.Subject.Name, Median(o => o.Processes), Median(o => o.Threads), Median(o => o.Calls), typical.Histogram);
    }

    private static void Progress(string text) => Console.Error.WriteLine($"bench: {text}");
}
