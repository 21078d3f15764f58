using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Twill.Lab;

/// <summary>A few dedicated threads for blocking work; none is of the pool, none outlives the call.</summary>
internal static class Workers
{
    /// <summary>The kernel does most of the lab's work under one lock: more threads only wait for it.</summary>
    private const int MaxThreads = 8;

    /// <summary>Does the work for every item. After a failure nothing new is begun; the first one is thrown.</summary>
    internal static void ForEach<T>(IReadOnlyCollection<T> items, Action<T> work)
    {
        var queue = new ConcurrentQueue<T>(items);
        ExceptionDispatchInfo? failure = null;
        var threads = new Thread[Math.Min(Math.Clamp(Environment.ProcessorCount * 2, 2, MaxThreads), items.Count)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(() =>
            {
                while (Volatile.Read(ref failure) is null && queue.TryDequeue(out T? item))
                {
                    try
                    {
                        work(item);
                    }
                    catch (Exception e)
                    {
                        Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
                    }
                }
            }, 512 * 1024)
            { IsBackground = true, Name = "lab" };
            threads[i].Start();
        }

        foreach (Thread thread in threads) thread.Join();
        failure?.Throw();
    }
}
