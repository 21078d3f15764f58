using Twill.Etcd.Wire;

namespace Twill.Etcd;

/// <summary>What one member says about itself. Like: etcdctl endpoint status.</summary>
/// <param name="Leader">Member id; 0: it knows no leader.</param>
public sealed record MemberStatus(ResponseHeader Header, string Version, long DatabaseBytes, ulong Leader, ulong RaftIndex, bool IsLearner, IReadOnlyList<string> Errors)
{
    internal static MemberStatus Read(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        var header = default(ResponseHeader);
        string version = "";
        long size = 0;
        ulong leader = 0, index = 0;
        bool learner = false;
        var errors = new List<string>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = ResponseHeader.Read(reader.Bytes()); break;
                case 2: version = reader.Text(); break;
                case 3: size = reader.Int64(); break;
                case 4: leader = reader.UInt64(); break;
                case 5: index = reader.UInt64(); break;
                case 8: errors.Add(reader.Text()); break;
                case 10: learner = reader.Bool(); break;
                default: reader.Skip(); break;
            }
        }

        return new MemberStatus(header, version, size, leader, index, learner, errors);
    }
}
