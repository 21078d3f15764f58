namespace Twill.Kube;

/// <summary>All objects of a kind at one moment.</summary>
/// <param name="Version">The list's resource version: a watch from here misses nothing.</param>
public sealed record KubeList<T>(ulong Version, IReadOnlyList<KubeItem<T>> Items)
    where T : class, IEquatable<T>;
