namespace Twill.Bench;

/// <summary>One row: Twill beside one peer, measured in the same rounds.</summary>
public sealed record Comparison(Scenario Scenario, int Pods, int Workers, string Verb, string Peer, Series Ours, Series Theirs)
{
    public double Ratio50 => Ours.Ms(0.5) / Theirs.Ms(0.5);

    public double Ratio99 => Ours.Ms(0.99) / Theirs.Ms(0.99);

    public double? Aim => Verb == "ADD" ? Scenario.AddAim : Scenario.DelAim;

    /// <summary>By the medians; null where no aim is set.</summary>
    public bool? Met => Aim is { } aim ? Ratio50 <= aim : null;

    public string Verdict => Met switch { true => "met", false => "NOT MET", null => "" };

    /// <summary>All rows that have both sides, in the order of the run; against one peer, or against all.</summary>
    public static IEnumerable<Comparison> Of(Results results, BenchOptions options)
        => from scenario in results.Scenarios
           from workers in options.Workers
           from pods in options.Pods
           from verb in (string[])["ADD", "DEL"]
           let ours = results.Find(new RowKey(scenario.Key, pods, workers, verb, results.Subjects[0].Name))
           where ours is not null
           from peer in results.Subjects.Skip(1)
           let theirs = results.Find(new RowKey(scenario.Key, pods, workers, verb, peer.Name))
           where theirs is not null
           select new Comparison(scenario, pods, workers, verb, peer.Name, ours, theirs);
}
