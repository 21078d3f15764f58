using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Route;

[Collection(KernelCollection.Name)]
public sealed class ChurnTests : IClassFixture<LeakCheck>, IDisposable
{
    private const int Stable = 150, Dumps = 200;

    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Fact]
    public void Dump_WhileLinksComeAndGo_IsWholeOrSaysItIsNot()
    {
        for (int i = 0; i < Stable; i++) _box.Host.CreateVeth(new VethSpec { Name = "s" + i, PeerName = "p" + i, TxQueues = 1, RxQueues = 1 });
        using RouteSocket other = RouteSocket.Open(_box.HostNamespace);
        bool stop = false;
        int turns = 0;
        Exception? failure = null;
        var churn = new Thread(() =>
        {
            try
            {
                while (!Volatile.Read(ref stop))
                {
                    VethPair pair = other.CreateVeth(new VethSpec { Name = "c", PeerName = "d", TxQueues = 1, RxQueues = 1 });
                    other.RemoveLink(pair.Index);
                    turns++;
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        churn.Start();
        int interrupted = 0, restarts = 0;
        for (int i = 0; i < Dumps || turns < 3; i++)
        {
            var reader = new StableLinks(new HashSet<int>());
            NetlinkOutcome outcome = _box.Host.DumpLinks(default, ref reader);
            restarts += reader.Restarts - 1;
            if (outcome.Ok) Assert.Equal(2 * Stable, reader.Seen.Count);
            else Assert.Equal(Errno.EINTR, outcome.Errno);
            if (!outcome.Ok) interrupted++;
        }

        Volatile.Write(ref stop, true);
        churn.Join();
        Assert.Null(failure);
        TestContext.Current.TestOutputHelper!.WriteLine($"{restarts} of {Dumps} dumps were cut and asked again, {interrupted} given up, {turns} links came and went");

        // The socket is as good as before.
        Assert.Equal((2 * Stable) + 1, _box.Host.Links().Count);
    }

    [Fact]
    public void Dump_WhoseReaderThrows_LeavesTheSocketUsable()
    {
        for (int i = 0; i < Stable; i++) _box.Host.CreateVeth(new VethSpec { Name = "s" + i, PeerName = "p" + i, TxQueues = 1, RxQueues = 1 });
        Assert.Throws<InvalidOperationException>(() =>
        {
            var reader = default(Thrower);
            _box.Host.DumpLinks(default, ref reader);
        });
        Assert.Equal((2 * Stable) + 1, _box.Host.Links().Count);
        Assert.True(_box.Host.TryGetIndex("s0", out _));
    }

    [Fact]
    public void Dump_Refused_CarriesTheKernelsWords()
    {
        NetlinkBatch batch = _box.Host.Netlink.NewBatch();
        batch.Begin(Linux.Uapi.RtnetlinkUapi.RTM_GETROUTE, Linux.Uapi.NetlinkUapi.NLM_F_DUMP);
        batch.Header(new Linux.Uapi.RtMsg { rtm_family = 2, rtm_dst_len = 8 });
        var reader = new StableLinks([]);
        NetlinkOutcome outcome = _box.Host.Netlink.Dump(batch, ref reader);
        Assert.Equal((Errno.EINVAL, "Invalid values in header for FIB dump request"), (outcome.Errno, outcome.KernelText));
    }

    private struct Thrower : INetlinkReader
    {
        public readonly void Restart()
        {
        }

        public readonly void Read(in NetlinkMessage message) => throw new InvalidOperationException("the reader's own");
    }

    private struct StableLinks(HashSet<int> seen) : INetlinkReader
    {
        internal readonly HashSet<int> Seen => seen;

        internal int Restarts { get; private set; }

        public void Restart()
        {
            seen.Clear();
            Restarts++;
        }

        public readonly void Read(in NetlinkMessage message)
        {
            var link = new LinkView(message);
            if (link.Name.IsEmpty || link.Name[0] is not ((byte)'s' or (byte)'p')) return;
            Assert.True(seen.Add(link.Index.Value), "a link came twice in one dump");
        }
    }
}
