using Twill.Etcd.Watch;

namespace Twill.KernelTests.Etcd;

/// <summary>Waiting for a step of a watch or a mirror, with an end.</summary>
internal static class Watching
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    public static async Task<WatchStep> UntilAsync(EtcdWatch watch, Func<WatchStep, bool> wished)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (true)
        {
            WatchStep step = await watch.NextAsync(patience.Token);
            if (wished(step)) return step;
        }
    }

    /// <summary>The steps up to and with the first that is as wished.</summary>
    public static async Task<IReadOnlyList<MirrorStep>> UntilAsync(PrefixMirror mirror, Func<MirrorStep, bool> wished)
    {
        using var patience = new CancellationTokenSource(s_patience);
        var steps = new List<MirrorStep>();
        while (true)
        {
            MirrorStep step = await mirror.NextAsync(patience.Token);
            steps.Add(step);
            if (wished(step)) return steps;
        }
    }
}
