using Twill.Etcd.Wire;

namespace Twill.Etcd;

/// <summary>Which branch of a transaction was taken, and what each of its operations brought.</summary>
public sealed record TransactionResult(ResponseHeader Header, bool Succeeded, IReadOnlyList<EtcdResult> Results)
{
    internal static TransactionResult Read(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        var header = default(ResponseHeader);
        bool succeeded = false;
        var results = new List<EtcdResult>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = ResponseHeader.Read(reader.Bytes()); break;
                case 2: succeeded = reader.Bool(); break;
                case 3: results.Add(EtcdResult.ReadOperation(reader.Bytes()) ?? throw new ProtoException("a transaction's answer of an unknown kind")); break;
                default: reader.Skip(); break;
            }
        }

        return new TransactionResult(header, succeeded, results);
    }
}
