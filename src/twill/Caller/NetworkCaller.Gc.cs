using Twill.Cni;

namespace Twill.Caller;

internal sealed partial class NetworkCaller
{
    /// <summary>DEL for what is cached and not valid, then GC of all plugins; failures are collected.</summary>
    /// <param name="valid">All attachments of this network that live, whoever made them.</param>
    /// <returns>The attachments that got a DEL, and whether GC was sent: a list older than 1.1.0 has none, and disableGC forbids both.</returns>
    /// <exception cref="CallerException">All failures, after everything was tried.</exception>
    internal (IReadOnlyList<CniAttachment> Deleted, bool Collected) Gc(IReadOnlyList<CniAttachment> valid)
    {
        if (Network.DisableGc) return ([], false);
        var problems = new List<CallerException>();
        var deleted = new List<CniAttachment>();
        foreach (CachedAttachment stale in cache?.List(Network.Name) ?? [])
        {
            if (valid.Contains(stale.Key)) continue;
            if (Try(() => Del(stale.Request))) deleted.Add(stale.Key);
        }

        bool collects = Network.Allows(CniVerb.Gc);
        for (int i = 0; collects && i < Network.Plugins.Count; i++)
        {
            int index = i;
            Try(() => Call(CniVerb.Gc, index, null, new PluginInput { ValidAttachments = valid }));
        }

        if (problems.Count == 0) return (deleted, collects);
        throw new CallerException(problems[0].Fault, $"garbage of network {Network.Name} is left: {string.Join("; and: ", problems.Select(p => p.Message))}") { Answer = problems[0].Answer };

        bool Try(Action action)
        {
            try
            {
                action();
                return true;
            }
            catch (CallerException e)
            {
                problems.Add(e);
                return false;
            }
        }
    }
}
