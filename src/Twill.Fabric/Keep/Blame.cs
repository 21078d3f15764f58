using Twill.Fabric.Plan;
using Twill.Linux.Sys;

namespace Twill.Fabric.Keep;

/// <summary>Who last changed which object, as far as notifications tell: of routes, addresses and neighbours the sender's port, of nftables the thread's name.</summary>
/// <remarks>A program's first netlink socket has its process id as port. Links and forwarding entries are told without any.</remarks>
internal sealed class Blame
{
    /// <summary>A storm of changes needs no list of culprits longer than this.</summary>
    private const int MaxEntries = 512;

    private readonly Dictionary<string, string> _by = [];

    internal void Note(string subject, uint port)
    {
        if (port == 0 || _by.Count >= MaxEntries || _by.ContainsKey(subject)) return;

        // Looked up at once: a short-lived program is gone soon.
        if (ProcessName.Of(port) is { } name) _by[subject] = name;
    }

    internal void NoteTable(string threadName) => _by[TableSubject] = threadName;

    /// <summary>For any object of the table, the table's culprit.</summary>
    internal string? For(NodeStep step)
        => step is NodeStep.BuildTable or NodeStep.ChangeSet ? _by.GetValueOrDefault(TableSubject) : _by.GetValueOrDefault(step.Subject);

    internal void Clear() => _by.Clear();

    private static string TableSubject { get; } = $"table {NodeTable.Table}";
}
