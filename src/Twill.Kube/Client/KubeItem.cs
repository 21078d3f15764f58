namespace Twill.Kube;

/// <summary>An object as it was at one resource version.</summary>
/// <param name="Key">Its name, with its namespace and a slash before it if it has one.</param>
/// <param name="Version">Its resource version: a number that grows with each change of any object of its kind.</param>
/// <param name="Value">What we keep of it.</param>
public readonly record struct KubeItem<T>(string Key, ulong Version, T Value)
    where T : class, IEquatable<T>;
