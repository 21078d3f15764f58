namespace Twill.Etcd;

/// <summary>A call that etcd refused, or that did not reach it: what, where, the status with its number and etcd's own words.</summary>
public sealed class EtcdException : Exception
{
    internal EtcdException(string call, Uri? endpoint, GrpcStatus status, string words, bool mayHaveHappened, Exception? cause = null)
        : base($"etcd: {call} at {endpoint?.Authority ?? "no endpoint"} failed: {status} ({(int)status}) \"{words}\"{Advice(status, words)}", cause)
    {
        Call = call;
        Endpoint = endpoint;
        Status = status;
        Words = words;
        MayHaveHappened = mayHaveHappened;
    }

    /// <summary>The method, and the key where there is one: "KV/Txn /twill/v1/nodes/a".</summary>
    public string Call { get; }

    /// <summary>The member that said so, or that did not answer.</summary>
    public Uri? Endpoint { get; }

    public GrpcStatus Status { get; }

    /// <summary>The server's own words, or the transport's.</summary>
    public string Words { get; }

    /// <summary>The request was sent and its outcome is not known: a write may be done, not done, or be done later. Read before you write again.</summary>
    public bool MayHaveHappened { get; }

    /// <summary>Another member, or the same one later, may well answer.</summary>
    public bool IsTransient => Status is GrpcStatus.Unavailable or GrpcStatus.DeadlineExceeded or GrpcStatus.Aborted or GrpcStatus.Canceled || (Status == GrpcStatus.ResourceExhausted && Words.Contains("too many requests", StringComparison.Ordinal));

    /// <summary>The revision asked for has been compacted away: list again.</summary>
    public bool IsCompacted => Status == GrpcStatus.OutOfRange && Words.Contains("compacted", StringComparison.Ordinal);

    private static string Advice(GrpcStatus status, string words) => status switch
    {
        GrpcStatus.PermissionDenied or GrpcStatus.Unauthenticated => "; give this client's certificate a user with a role for these keys: `etcdctl role grant-permission`",
        GrpcStatus.ResourceExhausted when words.Contains("database space", StringComparison.Ordinal) => "; etcd is full: compact, defragment, then `etcdctl alarm disarm`",
        GrpcStatus.Unavailable when words.Contains("no leader", StringComparison.Ordinal) => "; fewer than half of the members see each other: `etcdctl endpoint status --cluster`",
        GrpcStatus.Unavailable when words.Contains("certificate", StringComparison.Ordinal) => "; one side does not accept the other's certificate: look which authority signed it, for which name and until when",
        GrpcStatus.Unavailable or GrpcStatus.DeadlineExceeded => "; is etcd up and the endpoint right? `etcdctl endpoint health`",
        _ => "",
    };
}
