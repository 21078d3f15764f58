using System.IO.Pipelines;
using System.Text.Json;

namespace Twill.Kube;

/// <content>Lists, page by page.</content>
public sealed partial class KubeClient
{
    /// <summary>More pages than any list has: 500 objects each.</summary>
    internal const int MaxPages = 20_000;

    private const int PageBufferBytes = 32 << 10;

    /// <summary>All objects of a kind, as the server knows them now and not earlier.</summary>
    /// <exception cref="KubeException">Fault Gone: it took so long that the first page is too old; begin anew. Others: what the server said.</exception>
    public async Task<KubeList<T>> ListAsync<T>(KubeResource<T> resource, CancellationToken ct = default)
        where T : class, IEquatable<T>
    {
        var items = new List<KubeItem<T>>();
        var version = await ListAsync(resource, new ObjectReader<T>(resource, null), Options.PageSize, items.Add, static e => throw e, ct);
        return new KubeList<T>(version, items);
    }

    /// <summary>Lists, and hands over each object as soon as it has been read.</summary>
    /// <param name="pageSize">0: all in one answer, which no compaction can interrupt.</param>
    /// <param name="unreadable">An object that cannot be read; the list goes on.</param>
    /// <remarks>No resourceVersion is sent: the answer is then as new as the storage, from whichever API server it comes.</remarks>
    internal async Task<ulong> ListAsync<T>(KubeResource<T> resource, ObjectReader<T> objects, int pageSize, Action<KubeItem<T>> each, Action<KubeException> unreadable, CancellationToken ct)
        where T : class, IEquatable<T>
    {
        var call = Call("list", resource);
        ulong? version = null;
        string? token = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var path = $"{resource.PathOf(resource.Namespace, null)}?limit={pageSize}{resource.Selectors}{(token is null ? "" : $"&continue={Uri.EscapeDataString(token)}")}";
            var reader = new ListReader<T>(objects, each, unreadable);
            await BoundedAsync(call, Options.RequestTimeout, bound => ReadPageAsync(call, path, reader, bound), ct);
            // All pages are of the first one's version; watching from there misses nothing.
            version ??= reader.Version;
            if (reader.Continue is null)
                return version.Value;
            if (reader.Continue == token)
                throw KubeException.Malformed(call, "the server's continue token leads to itself");
            token = reader.Continue;
        }

        throw KubeException.Malformed(call, $"the list has more than {MaxPages} pages");
    }

    private async Task<bool> ReadPageAsync<T>(KubeCall call, string path, ListReader<T> reader, CancellationToken ct)
        where T : class, IEquatable<T>
    {
        using var response = await SendAsync(call, HttpMethod.Get, path, null, ct);
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: PageBufferBytes, leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await ReadAsync(call, pipe, ct);
                var taken = reader.Take(read.Buffer, read.IsCompleted);
                if (reader.IsComplete)
                    return reader.Version > 0 ? true : throw KubeException.Malformed(call, "the list has no resourceVersion");
                if (read.IsCompleted)
                    throw KubeException.Malformed(call, "the list ends too early");
                if (read.Buffer.Slice(taken).Length > Options.MaxObjectBytes)
                    throw KubeException.Malformed(call, $"an object is larger than {Options.MaxObjectBytes} bytes");
                pipe.AdvanceTo(taken, read.Buffer.End);
            }
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw KubeException.Malformed(call, $"the list is not what the API gives: {e.Message}", e);
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    private static async ValueTask<ReadResult> ReadAsync(KubeCall call, PipeReader pipe, CancellationToken ct)
    {
        try
        {
            return await pipe.ReadAsync(ct);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException or ObjectDisposedException)
        {
            ct.ThrowIfCancellationRequested();
            throw KubeException.Lost(call, e);
        }
    }

    /// <summary>Runs it, and makes of its time being up an error that says so.</summary>
    private async Task<TResult> BoundedAsync<TResult>(KubeCall call, TimeSpan bound, Func<CancellationToken, Task<TResult>> run, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(bound, Options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
        try
        {
            return await run(either.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or KubeException { Fault: KubeFault.Unreachable } && deadline.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw KubeException.Timeout(call, bound);
        }
    }
}
