using Twill.Etcd.Wire;

namespace Twill.Etcd;

/// <summary>What every answer begins with: who said it, and at which revision of the whole store.</summary>
public readonly record struct ResponseHeader(ulong ClusterId, ulong MemberId, long Revision, ulong RaftTerm)
{
    internal static ResponseHeader Read(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        var header = default(ResponseHeader);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = header with { ClusterId = reader.UInt64() }; break;
                case 2: header = header with { MemberId = reader.UInt64() }; break;
                case 3: header = header with { Revision = reader.Int64() }; break;
                case 4: header = header with { RaftTerm = reader.UInt64() }; break;
                default: reader.Skip(); break;
            }
        }

        return header;
    }
}
