namespace Twill.KernelTests.Harness;

/// <summary>A plugin's run that stands still at its N-th state-changing system call until it is told to go on: the other half of a race, by choice.</summary>
public sealed class PausedRun : IDisposable
{
    private const int TimeoutSeconds = 30;

    private static int s_count;
    private readonly string _fifo;
    private readonly Thread _thread;
    private PluginOutcome? _outcome;
    private Exception? _failure;
    private bool _resumed;

    private PausedRun(PluginRun run, HostNamespace host, int point)
    {
        _fifo = Path.Combine(Artifacts.Scratch, $"pause-{Interlocked.Increment(ref s_count)}");
        Command.Run(Command.Find("mkfifo"), $"{_fifo}.at", $"{_fifo}.go").Succeeded();
        _thread = new Thread(() =>
        {
            try
            {
                _outcome = (run with { TimeoutMs = (TimeoutSeconds + 10) * 1000 }).Through(host, Artifacts.Tool("crash"), ["-n", $"{point}", "-p", _fifo, "-t", $"{TimeoutSeconds}", "-o", $"{_fifo}.report", "--", run.Binary]) with { Run = run };
            }
            catch (Exception e)
            {
                _failure = e;
            }
        })
        { IsBackground = true, Name = "paused run" };
    }

    /// <summary>Whether the point was reached; else the run has already ended.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Starts the plugin; returns when it stands at the point, or has ended without reaching it.</summary>
    public static PausedRun Start(PluginRun run, HostNamespace host, int point)
    {
        var paused = new PausedRun(run, host, point);
        paused._thread.Start();
        using var at = new StreamReader(new FileStream($"{paused._fifo}.at", FileMode.Open, FileAccess.Read));
        paused.IsPaused = at.ReadToEnd().StartsWith('P');
        return paused;
    }

    /// <summary>Lets it go on, and waits for its end.</summary>
    public PluginOutcome Resume()
    {
        if (IsPaused && !_resumed)
        {
            _resumed = true;
            using var go = new FileStream($"{_fifo}.go", FileMode.Open, FileAccess.Write);
            go.WriteByte((byte)'g');
        }

        _thread.Join();
        return _outcome ?? throw new InvalidOperationException("the paused run failed", _failure);
    }

    public void Dispose()
    {
        Resume();
        foreach (string end in (string[])[".at", ".go", ".report"]) File.Delete(_fifo + end);
    }
}
