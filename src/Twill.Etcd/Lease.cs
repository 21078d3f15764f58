using Twill.Etcd.Wire;

namespace Twill.Etcd;

/// <summary>A lease as etcd sees it; its keys die with it.</summary>
/// <param name="TtlSeconds">What is left, rounded down; -1: there is no such lease (any more). In answer to a keep-alive 0 says that.</param>
/// <param name="GrantedSeconds">What it was granted for, where that was asked.</param>
public sealed record Lease(ResponseHeader Header, long Id, long TtlSeconds, long GrantedSeconds, IReadOnlyList<string> Keys)
{
    /// <summary>One reader for the three answers. LeaseGrant's field 4 is a text that no server fills (they answer with a status).</summary>
    internal static Lease Read(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        var header = default(ResponseHeader);
        long id = 0, ttl = 0, granted = 0;
        var keys = new List<string>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = ResponseHeader.Read(reader.Bytes()); break;
                case 2: id = reader.Int64(); break;
                case 3: ttl = reader.Int64(); break;
                case 4 when reader.IsNumber: granted = reader.Int64(); break;
                case 5: keys.Add(reader.Text()); break;
                default: reader.Skip(); break;
            }
        }

        return new Lease(header, id, ttl, granted, keys);
    }
}
