using Twill.Etcd.Grpc;
using Twill.Etcd.Wire;

namespace Twill.Etcd.Watch;

/// <summary>A watch on one stream of one member. It ends with the stream; <see cref="PrefixMirror"/> is the one that goes on.</summary>
/// <remarks>A member that loses its leader ends it (`hasleader`), so that a watch cut off from the majority is not silent.</remarks>
public sealed class EtcdWatch : IAsyncDisposable
{
    /// <summary>Parts of one revision: 128 operations of 1.5 MB at most, so this is far beyond.</summary>
    private const int MaxFragments = 1024;

    /// <summary>Messages before the one that says the watch is made.</summary>
    private const int MaxEarly = 16;

    private readonly EtcdClient _client;
    private readonly GrpcStream _stream;
    private WatchStep.Compacted? _compacted;

    private EtcdWatch(EtcdClient client, GrpcStream stream)
    {
        _client = client;
        _stream = stream;
    }

    public Uri Endpoint => _stream.Endpoint;

    /// <summary>The member's revision when it made the watch. Below one seen before: this member lags, or was set back to a backup.</summary>
    public long Revision { get; private set; }

    internal static async Task<EtcdWatch> OpenAsync(EtcdClient client, GrpcChannel channel, Uri endpoint, WatchRequest request, CancellationToken cancel)
    {
        var writer = new ProtoWriter();
        request.Write(writer);
        GrpcStream stream = await channel.OpenStreamAsync(endpoint, GrpcMethod.Watch, request.Keys.ToString(), writer.Written, cancel).ConfigureAwait(false);
        var watch = new EtcdWatch(client, stream);
        try
        {
            using var deadline = new CancellationTokenSource(client.Options.AttemptTimeout, client.Options.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token);
            for (int i = 0; i < MaxEarly; i++)
            {
                WatchResponse response;
                try
                {
                    response = await watch.ReadAsync(either.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
                {
                    throw new EtcdException($"{GrpcMethod.Watch} {request.Keys}", endpoint, GrpcStatus.DeadlineExceeded, $"no answer in {client.Options.AttemptTimeout.TotalSeconds:0.###} s", true, e);
                }

                watch.Revision = response.Header.Revision;
                if (response.Canceled) watch._compacted = watch.Ended(response);
                if (response.Created || response.Canceled) return watch;
            }

            throw new EtcdException($"{GrpcMethod.Watch} {request.Keys}", endpoint, GrpcStatus.Internal, "the member does not say that the watch is made", true);
        }
        catch
        {
            await watch.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for the next step. Cancelling it ends the watch.</summary>
    /// <exception cref="EtcdException">The stream is gone: connection, member or leader lost, or not permitted.</exception>
    public async Task<WatchStep> NextAsync(CancellationToken cancel = default)
    {
        if (_compacted is { } compacted) return compacted;
        var events = new List<WatchEvent>();
        for (int i = 0; i < MaxFragments; i++)
        {
            WatchResponse response = await ReadAsync(cancel).ConfigureAwait(false);
            if (response.Canceled) return _compacted = Ended(response);
            events.AddRange(response.Events);
            if (response.Fragment) continue;
            // Not the header's revision: a member that catches up sends parts of the way under the revision it is heading for.
            return events.Count > 0 ? new WatchStep.Changes(events[^1].Entry.ModRevision, events) : new WatchStep.Progress(response.Header.Revision);
        }

        throw new EtcdException(GrpcMethod.Watch.ToString(), Endpoint, GrpcStatus.Internal, $"one revision in more than {MaxFragments} parts", true);
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<WatchResponse> ReadAsync(CancellationToken cancel)
    {
        byte[] message = await _stream.ReadAsync(cancel).ConfigureAwait(false);
        try
        {
            WatchResponse response = WatchResponse.Read(message);
            _client.CheckCluster(response.Header, Endpoint, GrpcMethod.Watch);
            return response;
        }
        catch (ProtoException e)
        {
            throw new EtcdException(GrpcMethod.Watch.ToString(), Endpoint, GrpcStatus.Internal, e.Message, true, e);
        }
    }

    private WatchStep.Compacted Ended(WatchResponse response)
    {
        if (response.CompactRevision > 0) return new WatchStep.Compacted(response.CompactRevision);
        GrpcStatus status = response.CancelReason.Contains("no leader", StringComparison.Ordinal) ? GrpcStatus.Unavailable : response.CancelReason.Contains("permission", StringComparison.Ordinal) ? GrpcStatus.PermissionDenied : GrpcStatus.Canceled;
        throw new EtcdException(GrpcMethod.Watch.ToString(), Endpoint, status, response.CancelReason.Length > 0 ? response.CancelReason : "the member cancelled the watch", true);
    }
}
