using Twill.Etcd.Wire;

namespace Twill.Etcd.Watch;

/// <summary>What to watch. Source: api/etcdserverpb/rpc.proto, message WatchCreateRequest.</summary>
public sealed record WatchRequest(KeyRange Keys)
{
    /// <summary>First revision whose changes are told; 0: those from now on.</summary>
    public long StartRevision { get; init; }

    /// <summary>Ask for what was there before each change.</summary>
    public bool WithPrevious { get; init; }

    internal void Write(ProtoWriter writer)
    {
        int create = writer.Begin(1);
        Keys.Write(writer);
        writer.Int64(3, StartRevision);
        writer.Bool(4, true); // progress_notify: an idle watch learns the revision it may begin from next time
        writer.Bool(6, WithPrevious);
        writer.Bool(8, true); // fragment: a big revision comes in parts, and no part is larger than the server's limit
        writer.End(create);
    }
}
