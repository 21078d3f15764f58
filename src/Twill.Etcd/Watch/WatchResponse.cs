using Twill.Etcd.Wire;

namespace Twill.Etcd.Watch;

/// <summary>One message of the watch stream, as it comes.</summary>
internal sealed record WatchResponse
{
    public ResponseHeader Header { get; private init; }

    public bool Created { get; private init; }

    public bool Canceled { get; private init; }

    /// <summary>Not 0: the start revision is compacted away; the oldest that can be watched.</summary>
    public long CompactRevision { get; private init; }

    public string CancelReason { get; private init; } = "";

    /// <summary>More parts of the same revision follow.</summary>
    public bool Fragment { get; private init; }

    public IReadOnlyList<WatchEvent> Events { get; private init; } = [];

    public static WatchResponse Read(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        var header = default(ResponseHeader);
        bool created = false, canceled = false, fragment = false;
        long compact = 0;
        string reason = "";
        var events = new List<WatchEvent>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = ResponseHeader.Read(reader.Bytes()); break;
                case 3: created = reader.Bool(); break;
                case 4: canceled = reader.Bool(); break;
                case 5: compact = reader.Int64(); break;
                case 6: reason = reader.Text(); break;
                case 7: fragment = reader.Bool(); break;
                case 11: events.Add(WatchEvent.Read(reader.Bytes())); break;
                default: reader.Skip(); break;
            }
        }

        return new WatchResponse { Header = header, Created = created, Canceled = canceled, CompactRevision = compact, CancelReason = reason, Fragment = fragment, Events = events };
    }
}
