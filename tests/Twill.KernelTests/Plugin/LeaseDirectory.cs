namespace Twill.KernelTests.Plugin;

/// <summary>Where host-local keeps its leases in a test.</summary>
internal sealed class LeaseDirectory : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("twill-leases-").FullName;

    /// <summary>Addresses that have a lease file.</summary>
    internal IReadOnlyList<string> Held => Directory.Exists(Path) ? [.. Directory.EnumerateFiles(Path, "10.*", SearchOption.AllDirectories).Select(f => System.IO.Path.GetFileName(f))] : [];

    internal void Empty()
    {
        foreach (string directory in Directory.GetDirectories(Path)) Directory.Delete(directory, recursive: true);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
