namespace Twill.Etcd.Grpc;

/// <summary>A method of etcd's services, and what may be done with it.</summary>
/// <param name="Path">"/etcdserverpb.KV/Range".</param>
/// <param name="Repeatable">Done twice it has done no more than once, so that an unknown outcome may be asked again elsewhere.</param>
/// <param name="NeedsLeader">A member without a leader refuses at once, instead of keeping us waiting.</param>
internal sealed record GrpcMethod(string Path, bool Repeatable, bool NeedsLeader)
{
    public static GrpcMethod Range { get; } = new("/etcdserverpb.KV/Range", true, true);

    /// <summary>What the member has in its memory: it needs nobody for that.</summary>
    public static GrpcMethod LocalRange { get; } = new("/etcdserverpb.KV/Range", true, false);

    public static GrpcMethod Put { get; } = new("/etcdserverpb.KV/Put", false, true);

    public static GrpcMethod DeleteRange { get; } = new("/etcdserverpb.KV/DeleteRange", false, true);

    public static GrpcMethod Txn { get; } = new("/etcdserverpb.KV/Txn", false, true);

    /// <summary>A transaction that only reads.</summary>
    public static GrpcMethod ReadTxn { get; } = new("/etcdserverpb.KV/Txn", true, true);

    public static GrpcMethod LeaseGrant { get; } = new("/etcdserverpb.Lease/LeaseGrant", false, true);

    public static GrpcMethod LeaseRevoke { get; } = new("/etcdserverpb.Lease/LeaseRevoke", false, true);

    public static GrpcMethod LeaseTimeToLive { get; } = new("/etcdserverpb.Lease/LeaseTimeToLive", true, true);

    public static GrpcMethod LeaseKeepAlive { get; } = new("/etcdserverpb.Lease/LeaseKeepAlive", true, true);

    public static GrpcMethod Watch { get; } = new("/etcdserverpb.Watch/Watch", true, true);

    public static GrpcMethod Status { get; } = new("/etcdserverpb.Maintenance/Status", true, false);

    public static GrpcMethod MemberList { get; } = new("/etcdserverpb.Cluster/MemberList", true, false);

    public override string ToString() => Path["/etcdserverpb.".Length..];
}
