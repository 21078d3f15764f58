using System.Runtime.ExceptionServices;
using Twill.Etcd.Grpc;
using Twill.Etcd.Wire;

namespace Twill.Etcd;

/// <summary>A client of one etcd v3 cluster. Any thread; no thread and no timer of its own between calls.</summary>
/// <remarks>
/// Members are tried in turn. What only reads is asked again elsewhere; what writes is asked again only where the first request
/// surely was not carried out, else the caller is told (<see cref="EtcdException.MayHaveHappened"/>). The cluster that answers first
/// is the cluster from then on: a member of another one, for example of one that was made anew under the same address, is refused.
/// </remarks>
public sealed partial class EtcdClient : IDisposable
{
    /// <summary>Attempts of one call, for each endpoint.</summary>
    internal const int MaxRounds = 4;

    private readonly EtcdOptions _options;
    private readonly GrpcChannel _channel;
    private int _current;
    private long _cluster;

    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public EtcdClient(EtcdOptions options)
    {
        options.Check();
        _options = options;
        _channel = new GrpcChannel(options);
    }

    public EtcdOptions Options => _options;

    /// <summary>Closes all connections; calls and watches under way fail.</summary>
    public void Dispose() => _channel.Dispose();

    /// <exception cref="EtcdException">Refused, or not reached.</exception>
    public Task<EtcdResult.Range> RangeAsync(EtcdOperation.Range range, CancellationToken cancel = default)
        => CallAsync(range.Serializable ? GrpcMethod.LocalRange : GrpcMethod.Range, range.Keys.ToString(), range.Write, EtcdResult.Range.Read, r => r.Header, cancel);

    /// <inheritdoc cref="RangeAsync"/>
    public Task<EtcdResult.Put> PutAsync(EtcdOperation.Put put, CancellationToken cancel = default)
        => CallAsync(GrpcMethod.Put, put.Key, put.Write, EtcdResult.Put.Read, r => r.Header, cancel);

    /// <inheritdoc cref="RangeAsync"/>
    public Task<EtcdResult.Delete> DeleteAsync(EtcdOperation.Delete delete, CancellationToken cancel = default)
        => CallAsync(GrpcMethod.DeleteRange, delete.Keys.ToString(), delete.Write, EtcdResult.Delete.Read, r => r.Header, cancel);

    /// <inheritdoc cref="RangeAsync"/>
    /// <remarks>A condition that does not hold is an answer, not an error.</remarks>
    public Task<TransactionResult> CommitAsync(Transaction transaction, CancellationToken cancel = default)
        => CallAsync(transaction.IsReadOnly ? GrpcMethod.ReadTxn : GrpcMethod.Txn, "", transaction.Write, TransactionResult.Read, r => r.Header, cancel);

    /// <summary>Like: etcdctl lease grant.</summary>
    /// <returns>TtlSeconds may be more than asked for: etcd has a minimum of about two elections.</returns>
    /// <inheritdoc cref="RangeAsync"/>
    public Task<Lease> GrantLeaseAsync(long ttlSeconds, CancellationToken cancel = default)
        => CallAsync(GrpcMethod.LeaseGrant, "", w => w.Int64(1, ttlSeconds), Lease.Read, r => r.Header, cancel);

    /// <summary>Ends a lease, and with it its keys.</summary>
    /// <returns>False: there was no such lease.</returns>
    /// <inheritdoc cref="RangeAsync"/>
    public async Task<bool> RevokeLeaseAsync(long id, CancellationToken cancel = default)
    {
        try
        {
            await CallAsync(GrpcMethod.LeaseRevoke, $"{id:x}", w => w.Int64(1, id), Lease.Read, r => r.Header, cancel).ConfigureAwait(false);
            return true;
        }
        catch (EtcdException e) when (e.Status == GrpcStatus.NotFound)
        {
            return false;
        }
    }

    /// <summary>Like: etcdctl lease timetolive --keys.</summary>
    /// <inheritdoc cref="RangeAsync"/>
    public Task<Lease> ReadLeaseAsync(long id, bool withKeys = false, CancellationToken cancel = default)
    {
        return CallAsync(GrpcMethod.LeaseTimeToLive, $"{id:x}", Write, Lease.Read, r => r.Header, cancel);

        void Write(ProtoWriter writer)
        {
            writer.Int64(1, id);
            writer.Bool(2, withKeys);
        }
    }

    /// <summary>Asks this very member, and no other. Like: etcdctl endpoint status.</summary>
    /// <inheritdoc cref="RangeAsync"/>
    public async Task<MemberStatus> ReadStatusAsync(Uri endpoint, CancellationToken cancel = default)
        => Parse(await _channel.AskAsync(endpoint, GrpcMethod.Status, "", default, _options.AttemptTimeout, cancel).ConfigureAwait(false), endpoint, GrpcMethod.Status, "", MemberStatus.Read);

    /// <inheritdoc cref="RangeAsync"/>
    public Task<IReadOnlyList<Member>> ListMembersAsync(CancellationToken cancel = default)
    {
        return CallAsync(GrpcMethod.MemberList, "", _ => { }, Read, r => r.Header, r => (IReadOnlyList<Member>)r.Members, cancel);

        static (List<Member> Members, ResponseHeader Header) Read(ReadOnlySpan<byte> message)
        {
            List<Member> members = Member.ReadList(message, out ResponseHeader header);
            return (members, header);
        }
    }

    /// <summary>The endpoint in use, and the way to the next one when it fails.</summary>
    internal Uri Current => _options.Endpoints[(int)((uint)Volatile.Read(ref _current) % (uint)_options.Endpoints.Count)];

    /// <summary>Turns to the next member, unless somebody has done so already.</summary>
    internal void TurnFrom(Uri endpoint)
    {
        int current = Volatile.Read(ref _current);
        if (_options.Endpoints[(int)((uint)current % (uint)_options.Endpoints.Count)] == endpoint) Interlocked.CompareExchange(ref _current, current + 1, current);
    }

    /// <exception cref="EtcdException">This member belongs to another cluster than the first that answered.</exception>
    internal void CheckCluster(ResponseHeader header, Uri endpoint, GrpcMethod method)
    {
        if (header.ClusterId == 0) return;
        long known = Interlocked.CompareExchange(ref _cluster, (long)header.ClusterId, 0);
        if (known == 0 || known == (long)header.ClusterId) return;
        throw new EtcdException(method.ToString(), endpoint, GrpcStatus.FailedPrecondition, $"this member is of cluster {header.ClusterId:x}, the ones before were of {known:x}: the endpoints are mixed, or etcd was made anew. What is known stays; restart to follow the new cluster", true);
    }

    private delegate T Reader<out T>(ReadOnlySpan<byte> message);

    private Task<T> CallAsync<T>(GrpcMethod method, string subject, Action<ProtoWriter> write, Reader<T> read, Func<T, ResponseHeader> header, CancellationToken cancel)
        => CallAsync(method, subject, write, read, header, r => r, cancel);

    private async Task<TResult> CallAsync<T, TResult>(GrpcMethod method, string subject, Action<ProtoWriter> write, Reader<T> read, Func<T, ResponseHeader> header, Func<T, TResult> result, CancellationToken cancel)
    {
        var writer = new ProtoWriter();
        write(writer);
        var pause = new Pause(_options.MaxPause, _options.Time);
        long start = _options.Time.GetTimestamp();
        for (int attempt = 1; ; attempt++)
        {
            Uri endpoint = Current;
            EtcdException last;
            TimeSpan left = _options.CallTimeout - _options.Time.GetElapsedTime(start);
            try
            {
                byte[] answer = await _channel.AskAsync(endpoint, method, subject, writer.Written, left < _options.AttemptTimeout ? left : _options.AttemptTimeout, cancel).ConfigureAwait(false);
                T parsed = Parse(answer, endpoint, method, subject, read);
                CheckCluster(header(parsed), endpoint, method);
                return result(parsed);
            }
            catch (EtcdException e) when (e.IsTransient)
            {
                TurnFrom(endpoint);
                if ((!method.Repeatable && e.MayHaveHappened) || attempt == MaxRounds * _options.Endpoints.Count) throw;
                last = e;
            }

            // One turn through all members without a pause, then ever longer ones.
            if (attempt % _options.Endpoints.Count == 0) await pause.Async(cancel).ConfigureAwait(false);
            if (_options.Time.GetElapsedTime(start) >= _options.CallTimeout) ExceptionDispatchInfo.Throw(last);
        }
    }

    private static T Parse<T>(byte[] answer, Uri endpoint, GrpcMethod method, string subject, Reader<T> read)
    {
        try
        {
            return read(answer);
        }
        catch (ProtoException e)
        {
            throw new EtcdException($"{method} {subject}".TrimEnd(), endpoint, GrpcStatus.Internal, e.Message, true, e);
        }
    }
}
