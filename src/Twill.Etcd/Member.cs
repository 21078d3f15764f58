using Twill.Etcd.Wire;

namespace Twill.Etcd;

/// <summary>A member of the cluster. Like: etcdctl member list.</summary>
/// <param name="Name">Empty until it has started for the first time.</param>
public sealed record Member(ulong Id, string Name, IReadOnlyList<string> PeerUrls, IReadOnlyList<string> ClientUrls, bool IsLearner)
{
    /// <summary>The members in a MemberListResponse.</summary>
    internal static List<Member> ReadList(ReadOnlySpan<byte> message, out ResponseHeader header)
    {
        var reader = new ProtoReader(message);
        header = default;
        var members = new List<Member>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = ResponseHeader.Read(reader.Bytes()); break;
                case 2: members.Add(Read(reader.Bytes())); break;
                default: reader.Skip(); break;
            }
        }

        return members;
    }

    private static Member Read(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        ulong id = 0;
        string name = "";
        List<string> peers = [], clients = [];
        bool learner = false;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.UInt64(); break;
                case 2: name = reader.Text(); break;
                case 3: peers.Add(reader.Text()); break;
                case 4: clients.Add(reader.Text()); break;
                case 5: learner = reader.Bool(); break;
                default: reader.Skip(); break;
            }
        }

        return new Member(id, name, peers, clients, learner);
    }
}
