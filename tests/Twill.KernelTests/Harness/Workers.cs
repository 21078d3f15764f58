namespace Twill.KernelTests.Harness;

/// <summary>Threads of one test's own: nothing of it runs on a pool thread, which must never enter a namespace.</summary>
public static class Workers
{
    /// <summary>Does all items on so many threads; the first exception ends it and becomes the caller's.</summary>
    public static void ForEach<T>(IReadOnlyList<T> items, int threads, Action<T> work)
    {
        int next = -1;
        Exception? failure = null;
        void Loop()
        {
            for (int i = Interlocked.Increment(ref next); i < items.Count && failure is null; i = Interlocked.Increment(ref next))
            {
                try
                {
                    work(items[i]);
                }
                catch (Exception e)
                {
                    failure ??= e;
                }
            }
        }

        Thread[] all = [.. Enumerable.Range(0, Math.Min(threads, items.Count)).Select(i => new Thread(Loop) { IsBackground = true, Name = $"worker {i}" })];
        foreach (Thread thread in all) thread.Start();
        foreach (Thread thread in all) thread.Join();
        if (failure is not null) throw new AggregateException(failure);
    }

    /// <summary>Does all items at once, each on its own thread, let go together; the results are in the items' order.</summary>
    public static TResult[] AtOnce<T, TResult>(IReadOnlyList<T> items, Func<T, TResult> work)
    {
        var results = new TResult[items.Count];
        using var gate = new ManualResetEventSlim();
        ForEach([.. Enumerable.Range(0, items.Count + 1)], items.Count + 1, i =>
        {
            if (i == items.Count)
            {
                gate.Set();
                return;
            }

            gate.Wait();
            results[i] = work(items[i]);
        });
        return results;
    }
}
