using System.Text;

namespace Twill.Agent.Install;

/// <summary>Files that others read at any moment: whole in the old form or whole in the new, also after a power cut.</summary>
internal static class AtomicFile
{
    /// <returns>False: it had exactly this content and these rights already; nothing was written.</returns>
    internal static bool Write(string path, string content, UnixFileMode mode) => Write(path, Encoding.UTF8.GetBytes(content), mode);

    /// <inheritdoc cref="Write(string, string, UnixFileMode)"/>
    internal static bool Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        if (File.Exists(path) && new FileInfo(path).LinkTarget is null && File.GetUnixFileMode(path) == mode && File.ReadAllBytes(path).AsSpan().SequenceEqual(content)) return false;
        string directory = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(directory);

        // A name that no runtime takes for a configuration, in the same directory, since a rename does not cross file systems.
        string fresh = Path.Combine(directory, $".{Path.GetFileName(path)}.{Environment.ProcessId}");
        RemoveLeftOvers(path);
        try
        {
            using (var stream = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = mode }))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.SetUnixFileMode(fresh, mode); // the umask has taken bits away
            File.Move(fresh, path, overwrite: true);
        }
        catch
        {
            File.Delete(fresh);
            throw;
        }

        return true;
    }

    /// <summary>Removes what writers left that were killed before their rename.</summary>
    internal static void RemoveLeftOvers(string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path))) return;
        foreach (string left in Directory.GetFiles(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.*"))
        {
            if (!Directory.Exists($"/proc/{left[(left.LastIndexOf('.') + 1)..]}")) File.Delete(left);
        }
    }
}
