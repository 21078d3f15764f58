using System.Globalization;

namespace Twill.Bench;

/// <summary>What the command line asks for.</summary>
public sealed record BenchOptions
{
    /// <summary>The most pods a node takes: a bridge has 1,023 ports, and some are the measured pods'.</summary>
    public const int MaxPods = 900;

    /// <summary>The most that the helper starts at once.</summary>
    public const int MaxWorkers = 64;

    public int Rounds { get; init; } = 200;

    /// <summary>Pods already on the node, ascending.</summary>
    public IReadOnlyList<int> Pods { get; init; } = [0, 100, 500];

    /// <summary>Calls at once, ascending; 1 is the sequential row.</summary>
    public IReadOnlyList<int> Workers { get; init; } = [1, 4, 16];

    /// <summary>Keys of <see cref="Scenario.All"/>; empty means all.</summary>
    public IReadOnlyList<string> Configs { get; init; } = [];

    /// <summary>Directories of reference plugins, the first is the one that ratios and aims are against.</summary>
    public IReadOnlyList<string> PeerDirs { get; init; } = ["/usr/lib/cni"];

    public string Twill { get; init; } = "artifacts/twill-plugin";

    /// <summary>Agent and command line.</summary>
    public string Program { get; init; } = "artifacts/twill";

    /// <summary>The first peer plays Twill's part too: for trying the harness, its ratios show the harness's own error.</summary>
    public bool StandIn { get; init; }

    /// <summary>Seconds after which one row group (a configuration at one number of workers) stops, whatever its rounds.</summary>
    public int Seconds { get; init; } = 300;

    /// <summary>Mounts added to the bench's table: a node of Kubernetes has several for every pod.</summary>
    public int Mounts { get; init; }

    public bool Quick { get; init; }

    /// <summary>Where attach.md, attach.svg and attach.json go.</summary>
    public string Out { get; init; } = "docs/bench";

    public string Date { get; init; } = "";

    public string Commit { get; init; } = "";

    /// <summary>Where spawn, true-static and true-dynamic are.</summary>
    public string Tools { get; init; } = "artifacts/bench";

    /// <summary>The command to print in the report.</summary>
    public string Command { get; init; } = "";

    /// <exception cref="BenchException">An option is unknown or its value is not usable.</exception>
    public static BenchOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new BenchOptions();
        if (arguments.Contains("--quick"))
            options = options with { Quick = true, Rounds = 15, Pods = [0, 100], Workers = [1], Configs = ["plain", "ipmasq", "chain"], Seconds = 12, Out = "artifacts/bench" };
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (name is "--quick") continue;
            if (name is "--stand-in")
            {
                options = options with { StandIn = true };
                continue;
            }

            if (i + 1 == arguments.Count) throw new BenchException($"{name}: unknown, or its value is missing; see bench/attach --help");
            string value = arguments[++i];
            options = name switch
            {
                "--rounds" => options with { Rounds = Number(name, value, 1, 100_000) },
                "--pods" => options with { Pods = Numbers(name, value, 0, MaxPods) },
                "--workers" => options with { Workers = Numbers(name, value, 1, MaxWorkers) },
                "--configs" => options with { Configs = Keys(value) },
                "--peer-dir" => options with { PeerDirs = [.. options.PeerDirs, value] },
                "--twill" => options with { Twill = value },
                "--mounts" => options with { Mounts = Number(name, value, 0, 20_000) },
                "--seconds" => options with { Seconds = Number(name, value, 1, 100_000) },
                "--out" => options with { Out = value },
                "--date" => options with { Date = value },
                "--commit" => options with { Commit = value },
                "--tools" => options with { Tools = value },
                "--command" => options with { Command = value },
                _ => throw new BenchException($"{name}: unknown; see bench/attach --help"),
            };
        }

        return options with { Twill = Path.GetFullPath(options.Twill), Program = Path.GetFullPath(options.Program), Tools = Path.GetFullPath(options.Tools) };
    }

    private static int Number(string name, string value, int least, int most)
        => int.TryParse(value, CultureInfo.InvariantCulture, out int n) && n >= least && n <= most ? n : throw new BenchException($"{name} {value}: expected a number from {least} to {most}");

    private static int[] Numbers(string name, string value, int least, int most)
        => [.. value.Split(',').Select(v => Number(name, v, least, most)).Distinct().Order()];

    private static string[] Keys(string value)
    {
        string[] keys = value.Split(',');
        foreach (string key in keys)
        {
            if (!Scenario.All.Any(s => s.Key == key)) throw new BenchException($"--configs {key}: expected some of {string.Join(',', Scenario.All.Select(s => s.Key))}");
        }

        return keys;
    }
}
