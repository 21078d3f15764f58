using System.Text;
using System.Threading.Channels;
using Twill.Fabric.Model;
using Twill.Kube.Yaml;

namespace Twill.Agent.Sources;

/// <summary>A file, read again whenever something in its directory changes: also when it is replaced by a rename, or is a symbolic link that is turned.</summary>
internal sealed class FileSource<T>(string path, FileSource<T>.Parser parse, TimeProvider time) : ISource<T>
{
    /// <exception cref="YamlException">With line, path, value and what is expected there.</exception>
    internal delegate IReadOnlyList<T> Parser(ReadOnlySpan<byte> text, string document);

    /// <summary>However often the directory changes, the file is read at most so often: an editor writes in several steps.</summary>
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(20);

    /// <summary>A notification can be lost (inotify's queue is full): the file is read anyway so often.</summary>
    private static readonly TimeSpan s_audit = TimeSpan.FromSeconds(60);

    private volatile SourceReading<T> _reading = SourceReading<T>.Nothing;

    public string Description => $"file {path}";

    public SourceReading<T> Reading => _reading;

    public async Task RunAsync(Action changed, CancellationToken token)
    {
        var stirred = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        FileSystemWatcher? watcher = null;
        try
        {
            while (!token.IsCancellationRequested)
            {
                watcher ??= TryWatch(directory, stirred.Writer);

                // Watched first, then read: a change in between is seen again, not missed.
                if (Read()) changed();
                using var wake = CancellationTokenSource.CreateLinkedTokenSource(token);
                wake.CancelAfter(watcher is null ? TimeSpan.FromSeconds(1) : s_audit);
                try
                {
                    await stirred.Reader.ReadAsync(wake.Token).ConfigureAwait(false);
                    wake.CancelAfter(s_settle);
                    while (true) await stirred.Reader.ReadAsync(wake.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    // Settled, or time for an audit, or the end.
                }
            }
        }
        finally
        {
            watcher?.Dispose();
        }
    }

    /// <returns>Null: there is no such directory yet.</returns>
    private static FileSystemWatcher? TryWatch(string directory, ChannelWriter<bool> stirred)
    {
        if (!Directory.Exists(directory)) return null;
        var watcher = new FileSystemWatcher(directory) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.DirectoryName | NotifyFilters.Attributes };
        void Stir(object sender, EventArgs e) => stirred.TryWrite(true);
        watcher.Changed += Stir;
        watcher.Created += Stir;
        watcher.Deleted += Stir;
        watcher.Renamed += Stir;
        watcher.Error += Stir;
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    /// <returns>Whether the reading is another one now.</returns>
    private bool Read()
    {
        SourceReading<T> old = _reading;
        try
        {
            byte[] text = File.ReadAllBytes(path);
            string revision = Hash64.Base32(Hash64.Of(Encoding.UTF8.GetString(text)), 12);
            if (revision == old.Revision && old.Problem is null) return false;
            _reading = new SourceReading<T>(parse(text, path), revision, null, old.Problem is null ? old.Since : time.GetTimestamp());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or YamlException)
        {
            if (old.Problem == e.Message) return false;
            _reading = old with { Problem = e.Message, Since = old.Problem is null || old == SourceReading<T>.Nothing ? time.GetTimestamp() : old.Since };
        }

        return true;
    }
}
