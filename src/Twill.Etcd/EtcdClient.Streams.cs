using Twill.Etcd.Grpc;
using Twill.Etcd.Watch;
using Twill.Etcd.Wire;

namespace Twill.Etcd;

public sealed partial class EtcdClient
{
    /// <summary>Opens a watch at the member in use; another time it may be another one. Like: etcdctl watch --rev.</summary>
    /// <exception cref="EtcdException">This member did not make it; the next attempt goes to the next member.</exception>
    public async Task<EtcdWatch> WatchAsync(WatchRequest request, CancellationToken cancel = default)
    {
        Uri endpoint = Current;
        try
        {
            return await EtcdWatch.OpenAsync(this, _channel, endpoint, request, cancel).ConfigureAwait(false);
        }
        catch (EtcdException)
        {
            TurnFrom(endpoint);
            throw;
        }
    }

    /// <summary>Keeps a lease alive, wherever there is a member that answers. Like: etcdctl lease keep-alive.</summary>
    /// <param name="id">From <see cref="GrantLeaseAsync"/>.</param>
    /// <param name="cancel">The way to end it, beside the client's own end: the lease then lives for the rest of its time.</param>
    /// <returns>Only when the lease is lost.</returns>
    /// <exception cref="EtcdException">Not permitted, or another cluster.</exception>
    public async Task<LeaseEnd> KeepLeaseAsync(long id, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _channel.Life);
        try
        {
            return await KeepAsync(id, either.Token).ConfigureAwait(false);
        }
        catch (ObjectDisposedException e)
        {
            throw new OperationCanceledException("the client was disposed", e, either.Token);
        }
    }

    private async Task<LeaseEnd> KeepAsync(long id, CancellationToken cancel)
    {
        var question = new ProtoWriter();
        question.Int64(1, id);
        var pause = new Pause(_options.MaxPause, _options.Time);
        long confirmed = _options.Time.GetTimestamp();
        Lease lease = await ReadLeaseAsync(id, false, cancel).ConfigureAwait(false);
        if (lease.TtlSeconds < 0) return LeaseEnd.Gone;
        TimeSpan life = TimeSpan.FromSeconds(lease.TtlSeconds + 1); // 0 means less than a second, not none
        while (_options.Time.GetElapsedTime(confirmed) < life)
        {
            Uri endpoint = Current;
            try
            {
                await using GrpcStream stream = await _channel.OpenStreamAsync(endpoint, GrpcMethod.LeaseKeepAlive, $"{id:x}", question.Written, cancel).ConfigureAwait(false);
                while (true)
                {
                    // Counted from before the question: etcd's own count begins later.
                    long asked = _options.Time.GetTimestamp();
                    Lease answer = await ReadKeptAsync(stream, cancel).ConfigureAwait(false);
                    if (answer.TtlSeconds <= 0) return LeaseEnd.Gone;
                    life = TimeSpan.FromSeconds(answer.TtlSeconds);
                    confirmed = asked;
                    pause.Reset();
                    await Task.Delay(life / 3, _options.Time, cancel).ConfigureAwait(false);
                    await stream.WriteAsync(question.Written, cancel).ConfigureAwait(false);
                }
            }
            catch (EtcdException e) when (e.IsTransient)
            {
                TurnFrom(endpoint);
            }

            await pause.Async(cancel).ConfigureAwait(false);
        }

        return LeaseEnd.Unconfirmed;
    }

    private async Task<Lease> ReadKeptAsync(GrpcStream stream, CancellationToken cancel)
    {
        using var deadline = new CancellationTokenSource(_options.AttemptTimeout, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token);
        try
        {
            Lease lease = Parse(await stream.ReadAsync(either.Token).ConfigureAwait(false), stream.Endpoint, GrpcMethod.LeaseKeepAlive, "", Lease.Read);
            CheckCluster(lease.Header, stream.Endpoint, GrpcMethod.LeaseKeepAlive);
            return lease;
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new EtcdException(GrpcMethod.LeaseKeepAlive.ToString(), stream.Endpoint, GrpcStatus.DeadlineExceeded, $"no answer in {_options.AttemptTimeout.TotalSeconds:0.###} s", true, e);
        }
    }
}
