namespace Twill.Kube;

/// <summary>An object that differs from what the consumer saw last.</summary>
/// <param name="Key">Its name, with its namespace and a slash before it if it has one.</param>
/// <param name="Before">What the consumer saw; null if it is new to it.</param>
/// <param name="Now">What it is; null if it is gone.</param>
public readonly record struct KubeChange<T>(string Key, T? Before, T? Now)
    where T : class, IEquatable<T>;
