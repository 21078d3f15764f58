namespace Twill.Cli;

/// <summary>One line on a terminal's stderr; nothing elsewhere. Told from any thread, drawn by one of its own.</summary>
/// <remarks>Those who tell may be inside another network namespace: they only store two numbers.</remarks>
internal sealed class ProgressBar : IDisposable
{
    private const int Width = 40, FrameMs = 100;

    private readonly ManualResetEventSlim _end = new(false);
    private readonly Thread? _painter;
    private int _done, _total;

    internal ProgressBar(bool visible)
    {
        if (!visible) return;
        _painter = new Thread(Paint, 256 * 1024) { IsBackground = true, Name = "progress" };
        _painter.Start();
    }

    internal void Note(int done, int total)
    {
        Volatile.Write(ref _total, total);
        Volatile.Write(ref _done, done);
    }

    public void Dispose()
    {
        _end.Set();
        _painter?.Join();
        _end.Dispose();
    }

    private void Paint()
    {
        bool drawn = false;
        while (!_end.Wait(FrameMs))
        {
            int total = Volatile.Read(ref _total), done = Volatile.Read(ref _done);
            if (total == 0) continue;
            int filled = Math.Clamp(done * Width / total, 0, Width);
            Linux.Sys.StandardStreams.Write(2, System.Text.Encoding.UTF8.GetBytes($"\r [{new string('#', filled)}{new string('.', Width - filled)}] {done}/{total}"));
            drawn = true;
        }

        if (drawn) Linux.Sys.StandardStreams.Write(2, "\r\e[K"u8);
    }
}
