using System.Buffers;
using System.Text;
using Twill.Kube;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.Kube;

/// <summary>What one node event costs in memory: 5,000 kubelets write their status every few minutes, for ever.</summary>
public sealed class KubeAllocationTests
{
    private const int Nodes = 200;

    /// <summary>A heartbeat: nothing kept changes.</summary>
    private const int MaxBytesUnchanged = 0;

    /// <summary>One string and one record of nine references; the rest is used again.</summary>
    private const int MaxBytesOneFieldChanged = 160;

    /// <summary>All strings, three arrays, the record and the key: about 640.</summary>
    private const int MaxBytesNew = 800;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Event_Heartbeat_AllocatesNothing(bool inPieces) => Assert.InRange(BytesPerEvent(i => NodeJson.Of(InformerTests.Name(i), 2000, i, heartbeat: 7), inPieces), 0, MaxBytesUnchanged);

    [Fact]
    public void Event_ZoneChanged_AllocatesTheZoneAndTheRecord() => Assert.InRange(BytesPerEvent(i => NodeJson.Of(InformerTests.Name(i), 2000, i, zone: "b")), 32, MaxBytesOneFieldChanged);

    [Fact]
    public void Event_NewNode_AllocatesWhatIsKept() => Assert.InRange(BytesPerEvent(i => NodeJson.Of(InformerTests.Name(i + Nodes), 2000, i + Nodes)), 200, MaxBytesNew);

    private static long BytesPerEvent(Func<int, string> json, bool inPieces = false)
    {
        var store = new KubeStore<KubeNode>();
        var objects = new ObjectReader<KubeNode>(KubeNode.Resource, store);
        var reader = new WatchReader<KubeNode>(new KubeCall(new KubeConfig { Server = new Uri("https://127.0.0.1") }, "watch", "", "nodes", ""), objects);
        for (var i = 0; i < Nodes; i++)
        {
            var first = reader.Read(Line(NodeJson.Of(InformerTests.Name(i), 1000, i), inPieces: false));
            store.Put(first.Key, first.Value!, first.Version);
        }

        var lines = Enumerable.Range(0, Nodes).Select(i => Line(json(i), inPieces)).ToArray();
        reader.Read(lines[0]);
        // Twice: what the runtime allocates once for itself is not the event's.
        long bytes = 0;
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var line in lines)
                reader.Read(line);
            bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / Nodes;
        }

        return bytes;
    }

    private static ReadOnlySequence<byte> Line(string json, bool inPieces)
    {
        var bytes = Encoding.UTF8.GetBytes($"{{\"type\":\"MODIFIED\",\"object\":{json}}}");
        if (!inPieces)
            return new ReadOnlySequence<byte>(bytes);
        // Short enough that names and addresses are cut too.
        const int piece = 61;
        var first = new Piece(bytes.AsMemory(0, piece), null);
        var last = first;
        for (var at = piece; at < bytes.Length; at += piece)
            last = new Piece(bytes.AsMemory(at, Math.Min(piece, bytes.Length - at)), last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
