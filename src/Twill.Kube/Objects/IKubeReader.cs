using System.Text.Json;

namespace Twill.Kube;

/// <summary>Takes from an object's JSON the fields that somebody needs, and nothing else: what is kept is what memory costs.</summary>
/// <typeparam name="T">Immutable; two are equal if nobody would act differently on them.</typeparam>
/// <remarks>Used by one stream at a time, so it may keep scratch space.</remarks>
public interface IKubeReader<T>
    where T : class, IEquatable<T>
{
    /// <summary>Reads one object.</summary>
    /// <param name="key">The object's name, with its namespace and a slash before it if it has one.</param>
    /// <param name="json">Stands on the object's beginning, and is left on its end.</param>
    /// <param name="known">What we knew of it. Returned itself if nothing changed; its strings are used again where only something did.</param>
    /// <exception cref="FormatException">A field has another type than the API gives it.</exception>
    T Read(string key, ref Utf8JsonReader json, T? known);
}
