namespace Twill;

/// <summary>`Select` and `Where` for all of Twill, in place of those of System.Linq. Every namespace of ours is below this one, so they are found first.</summary>
/// <remarks>
/// System.Linq's iterators have a virtual generic `Select` each, and ahead-of-time compilation makes code of every one of them for every
/// pair of value types that could meet: a quarter of the executable (docs/adr/0026).
/// </remarks>
public static class Sequences
{
    public static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, TResult> selector)
    {
        foreach (T item in source) yield return selector(item);
    }

    public static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, int, TResult> selector)
    {
        int index = 0;
        foreach (T item in source) yield return selector(item, index++);
    }

    public static IEnumerable<T> Where<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        foreach (T item in source)
        {
            if (predicate(item)) yield return item;
        }
    }
}
