namespace Twill.Kube;

/// <summary>The bounds of an <see cref="Informer{T}"/>; the defaults are meant to be kept.</summary>
public sealed record InformerOptions
{
    /// <summary>More objects than this are an error, and the store stays as it is.</summary>
    public int MaxObjects { get; init; } = 200_000;

    /// <summary>The wait before the second attempt; half of it to all of it, by chance.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait between attempts, unless the server asks for a longer one.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often everything is listed anew although nothing seems to be missing; ±20 %. A server loses no event, so this is insurance
    /// against what should not happen, and rare enough that 5,000 nodes do not load a server with it. Zero: never.
    /// </summary>
    public TimeSpan RelistEvery { get; init; } = TimeSpan.FromHours(6);

    /// <summary>Told what happened, one call at a time, from the informer's own loop. What it throws ends the informer.</summary>
    public Action<InformerNotice>? Notice { get; init; }
}
