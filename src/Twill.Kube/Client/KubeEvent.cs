namespace Twill.Kube;

/// <summary>What a watch brings.</summary>
public enum KubeEventType
{
    Added,
    Modified,

    /// <summary>The value is the object's last state.</summary>
    Deleted,

    /// <summary>Nothing changed up to this version; there is no object.</summary>
    Bookmark,
}

/// <summary>One event of a watch.</summary>
/// <param name="Version">The object's resource version, or the bookmark's.</param>
/// <param name="Key">Empty for a bookmark.</param>
/// <param name="Value">Null for a bookmark, and for an object that cannot be read (<paramref name="Problem"/>).</param>
/// <param name="Problem">Why the object cannot be read.</param>
public readonly record struct KubeEvent<T>(KubeEventType Type, ulong Version, string Key, T? Value, KubeException? Problem = null)
    where T : class, IEquatable<T>;
