using System.Text;
using Twill.Agent.Registry;
using Twill.Etcd;
using Twill.Etcd.Watch;
using Twill.Etcd.Wire;
using Twill.Fabric;
using Xunit;

namespace Twill.Tests.Etcd;

/// <summary>Every reader against damaged answers of a real member, and damaged records, with a fixed seed: a value or the one exception it may throw.</summary>
public sealed class MutationTests
{
    private const int Rounds = 10_000;

    [Fact]
    public void Messages_Damaged_AreValuesOrProtoExceptions()
    {
        byte[][] seeds = [.. EtcdCapture.All.SelectMany(c => c.Received)];
        var random = new Random(3);
        int values = 0, refused = 0;
        for (int i = 0; i < Rounds; i++)
        {
            byte[] bytes = Damage(seeds[random.Next(seeds.Length)], random);
            foreach (Action<byte[]> read in (Action<byte[]>[])[b => EtcdResult.Range.Read(b), b => EtcdResult.Put.Read(b), b => EtcdResult.Delete.Read(b), b => TransactionResult.Read(b), b => WatchResponse.Read(b), b => Lease.Read(b), b => MemberStatus.Read(b), b => Member.ReadList(b, out _)])
            {
                try
                {
                    read(bytes);
                    values++;
                }
                catch (ProtoException)
                {
                    refused++;
                }
            }
        }

        // Both ends are met often, or the damage would prove nothing.
        Assert.True(values > Rounds / 4 && refused > Rounds, $"{values} values, {refused} refused");
    }

    [Fact]
    public void Records_Damaged_AreValuesOrFabricExceptions()
    {
        string[] seeds =
        [
            """{"schema":1,"name":"a","id":"m","addresses":["192.168.1.11/24","fd01::11/64"],"blocks":["10.244.3.0/24"],"more":{"x":[1,2]}}""",
            """{"schema":1,"pools":[{"cidr":"10.244.0.0/16","block":24,"reserved":["10.244.0.0/24"]},{"cidr":"fd00:10::/48","block":64}]}""",
            """{"schema":1,"node":"a"}""",
        ];
        var random = new Random(4);
        int values = 0, refused = 0;
        for (int i = 0; i < Rounds; i++)
        {
            byte[] bytes = Damage(Encoding.UTF8.GetBytes(seeds[random.Next(3)]), random);
            foreach (Action<byte[]> read in (Action<byte[]>[])[b => NodeRecord.Parse("/twill/v1/nodes/a", b), b => NetworkRecord.Parse("/twill/v1/network", b), b => OwnerRecord.Parse("/twill/v1/blocks/x", b)])
            {
                try
                {
                    read(bytes);
                    values++;
                }
                catch (FabricException e)
                {
                    Assert.Contains("/", e.Message, StringComparison.Ordinal);
                    refused++;
                }
            }
        }

        Assert.True(values > Rounds / 50 && refused > Rounds, $"{values} values, {refused} refused");
    }

    private static byte[] Damage(byte[] seed, Random random)
    {
        var bytes = new List<byte>(seed);
        for (int n = random.Next(1, 4); n > 0 && bytes.Count > 0; n--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at)); break;
                case 3: bytes.Insert(at, (byte)random.Next(256)); break;
                default: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 9), bytes.Count - at))); break;
            }
        }

        return [.. bytes];
    }
}
