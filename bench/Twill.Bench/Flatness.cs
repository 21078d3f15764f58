namespace Twill.Bench;

/// <summary>A subject's sequential p99 on the fullest node by that on the emptiest.</summary>
public sealed record Flatness(Scenario Scenario, string Verb, string Subject, int FewPods, int ManyPods, double P99Few, double P99Many, double P50Few, double P50Many)
{
    /// <summary>What we call flat; the run's own noise is below that on a quiet machine.</summary>
    public const double Aim = 1.25;

    public double Ratio99 => P99Many / P99Few;

    public double Ratio50 => P50Many / P50Few;

    public string Verdict => Ratio99 <= Aim ? "flat" : "NOT FLAT";

    public static IEnumerable<Flatness> Of(Results results, BenchOptions options)
    {
        int few = options.Pods[0], many = options.Pods[^1];
        if (few == many) yield break;
        foreach (Scenario scenario in results.Scenarios)
        {
            foreach (string verb in (string[])["ADD", "DEL"])
            {
                foreach (Subject subject in results.Subjects)
                {
                    Series? a = results.Find(new RowKey(scenario.Key, few, 1, verb, subject.Name));
                    Series? b = results.Find(new RowKey(scenario.Key, many, 1, verb, subject.Name));
                    if (a is not null && b is not null) yield return new Flatness(scenario, verb, subject.Name, few, many, a.Ms(0.99), b.Ms(0.99), a.Ms(0.5), b.Ms(0.5));
                }
            }
        }
    }
}
