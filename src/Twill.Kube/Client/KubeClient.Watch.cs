using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Twill.Kube;

/// <content>Watches.</content>
public sealed partial class KubeClient
{
    private const int WatchBufferBytes = 16 << 10;

    /// <summary>The changes after a resource version, until the server ends the watch; that is no error.</summary>
    /// <param name="after">A list's version, or the last event's or bookmark's.</param>
    /// <exception cref="KubeException">Fault Gone: the version is too old; list. Others: the connection or the server failed; watch again from the last event's version.</exception>
    public IAsyncEnumerable<KubeEvent<T>> WatchAsync<T>(KubeResource<T> resource, ulong after, CancellationToken ct = default)
        where T : class, IEquatable<T> => WatchAsync(resource, new ObjectReader<T>(resource, null), after, static () => { }, ct);

    /// <param name="opened">The server has accepted the watch.</param>
    internal async IAsyncEnumerable<KubeEvent<T>> WatchAsync<T>(KubeResource<T> resource, ObjectReader<T> objects, ulong after, Action opened, [EnumeratorCancellation] CancellationToken ct)
        where T : class, IEquatable<T>
    {
        var call = Call("watch", resource);
        var time = Options.WatchTime * (1 + Options.Random.NextDouble());
        var bound = time + Options.WatchGrace;
        using var deadline = new CancellationTokenSource(bound, Options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
        var path = $"{resource.PathOf(resource.Namespace, null)}?watch=1&allowWatchBookmarks=true&timeoutSeconds={Math.Max(1, (int)time.TotalSeconds)}&resourceVersion={after}{resource.Selectors}";
        using var response = await BoundedAsync(call, Options.RequestTimeout, until => SendAsync(call, HttpMethod.Get, path, null, until), ct);
        opened();
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        var reader = new WatchReader<T>(call, objects);
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: WatchBufferBytes, leaveOpen: true));
        try
        {
            while (true)
            {
                ReadResult read;
                try
                {
                    read = await ReadAsync(call, pipe, either.Token);
                }
                catch (Exception e) when (e is OperationCanceledException or KubeException && deadline.IsCancellationRequested && !ct.IsCancellationRequested)
                {
                    throw KubeException.Timeout(call, bound);
                }

                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    var line = rest.Slice(0, end);
                    rest = rest.Slice(rest.GetPosition(1, end));
                    if (!line.IsEmpty)
                        yield return reader.Read(line);
                }

                if (read.IsCompleted)
                {
                    if (!rest.IsEmpty)
                        throw KubeException.Lost(call, new IOException("the stream ends within an event"));
                    yield break;
                }

                if (rest.Length > Options.MaxObjectBytes)
                    throw KubeException.Malformed(call, $"an event is larger than {Options.MaxObjectBytes} bytes");
                pipe.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }
}
