using System.Text;
using Twill.Etcd;
using Twill.Etcd.Watch;
using Twill.Etcd.Wire;
using Xunit;

namespace Twill.Tests.Etcd;

/// <summary>Our requests are byte for byte etcdctl's, and a real member's answers are read as what they mean.</summary>
public sealed class CodecTests
{
    [Fact]
    public void Requests_AreEtcdctls()
    {
        KeyRange a1 = KeyRange.Of("/a/1"), all = KeyRange.Prefix("/a/");
        Sent("put", new EtcdOperation.Put("/a/1", "one").Write);
        Sent("put-again", new EtcdOperation.Put("/a/1", "two") { WithPrevious = true }.Write);
        Sent("range", new EtcdOperation.Range(all).Write);
        Sent("range-old", new EtcdOperation.Range(a1) { Revision = 2, Serializable = true }.Write);
        Sent("delete", new EtcdOperation.Delete(KeyRange.Of("/a/3")) { WithPrevious = true }.Write);
        Sent("txn", new Transaction
        {
            If = [Compare.Unchanged("/a/1", 3), Compare.Absent("/a/3"), Compare.ValueOf("/a/2", "x")],
            Success = [new EtcdOperation.Put("/a/3", "new"), new EtcdOperation.Range(a1), new EtcdOperation.Delete(KeyRange.Of("/a/2"))],
            Failure = [new EtcdOperation.Range(KeyRange.Of("/a/3"))],
        }.Write);
        Sent("txn-fails", new Transaction
        {
            If = [Compare.Version(KeyRange.Of("/a/3"), Comparison.Greater, 1)],
            Success = [new EtcdOperation.Put("/a/4", "never")],
            Failure = [new EtcdOperation.Range(KeyRange.Of("/a/3"))],
        }.Write);

        static void Sent(string name, Action<ProtoWriter> write)
        {
            var writer = new ProtoWriter();
            write(writer);
            Assert.Equal(Convert.ToHexStringLower(Assert.Single(EtcdCapture.Load(name).Sent)), Convert.ToHexStringLower(writer.Written.Span));
        }
    }

    /// <summary>etcdctl's watch asks neither for progress nor for parts: by these two fields ours differs.</summary>
    [Fact]
    public void WatchRequest_IsEtcdctls_WithProgressAndPartsAsked()
    {
        var writer = new ProtoWriter();
        new WatchRequest(KeyRange.Prefix("/a/")) { StartRevision = 2, WithPrevious = true }.Write(writer);
        string theirs = Convert.ToHexStringLower(EtcdCapture.Load("watch").Sent[0]);
        Assert.Equal("0a0e0a032f612f12032f613018023001", theirs);
        Assert.Equal("0a120a032f612f12032f61301802200130014001", Convert.ToHexStringLower(writer.Written.Span));
    }

    [Fact]
    public void Answers_MeanWhatEtcdctlMadeOfThem()
    {
        EtcdResult.Range range = EtcdResult.Range.Read(Received("range"));
        Assert.Equal(("/a/1=two 2 3 2", "/a/2=x 4 4 1", 2L, false), (Text(range.Entries[0]), Text(range.Entries[1]), range.Count, range.More));
        Assert.Equal(4, range.Header.Revision);
        EtcdResult.Range page = EtcdResult.Range.Read(Received("range-limit"));
        Assert.Equal(("/a/1= 2 3 2", 2L, true), (Text(Assert.Single(page.Entries)), page.Count, page.More));
        Assert.Equal("/a/1=one 2 2 1", Text(Assert.Single(EtcdResult.Range.Read(Received("range-old")).Entries)));
        Assert.Equal("/a/1=one 2 2 1", Text(EtcdResult.Put.Read(Received("put-again")).Previous!));
        Assert.Null(EtcdResult.Put.Read(Received("put")).Previous);
        Assert.Equal((1L, "/a/3=new 5 5 1"), (EtcdResult.Delete.Read(Received("delete")).Count, Text(EtcdResult.Delete.Read(Received("delete")).Previous[0])));

        TransactionResult done = TransactionResult.Read(Received("txn")), failed = TransactionResult.Read(Received("txn-fails"));
        Assert.Equal((true, 3, false, 1), (done.Succeeded, done.Results.Count, failed.Succeeded, failed.Results.Count));
        Assert.Equal((1L, "/a/3=new 5 5 1"), (Assert.IsType<EtcdResult.Delete>(done.Results[2]).Count, Text(Assert.IsType<EtcdResult.Range>(failed.Results[0]).Entries[0])));

        Lease none = Lease.Read(Received("lease-none"));
        Assert.Equal((0x1234L, -1L), (none.Id, none.TtlSeconds));
        Member member = Assert.Single(Member.ReadList(Received("members"), out ResponseHeader header));
        Assert.Equal((header.MemberId, "m0", "http://127.0.0.1:2379"), (member.Id, member.Name, Assert.Single(member.ClientUrls)));
    }

    [Fact]
    public void WatchAnswers_AreMadeEventsAndAnEndByCompaction()
    {
        IReadOnlyList<byte[]> watch = EtcdCapture.Load("watch").Received, compacted = EtcdCapture.Load("watch-compacted").Received;
        Assert.True(WatchResponse.Read(watch[0]).Created);
        WatchResponse events = WatchResponse.Read(watch[1]);
        Assert.Equal(["+ /a/1=one 2 2 1", "+ /a/1=two 2 3 2 was /a/1=one 2 2 1", "+ /a/2=x 4 4 1", "+ /a/3=new 5 5 1", "- /a/2= 0 5 0 was /a/2=x 4 4 1", "- /a/3= 0 6 0 was /a/3=new 5 5 1"],
            events.Events.Select(e => $"{(e.IsDelete ? '-' : '+')} {Text(e.Entry)}{(e.Previous is { } p ? $" was {Text(p)}" : "")}"));
        Assert.Equal((true, true, 4L), (WatchResponse.Read(compacted[0]).Created, WatchResponse.Read(compacted[1]).Canceled, WatchResponse.Read(compacted[1]).CompactRevision));
    }

    [Fact]
    public void Numbers_FromZeroTo64Bits_ComeBack()
    {
        foreach (long number in (long[])[0, 1, 127, 128, 300, int.MaxValue, long.MaxValue, -1, long.MinValue])
        {
            var writer = new ProtoWriter();
            writer.Varint(7, (ulong)number);
            var reader = new ProtoReader(writer.Written.Span);
            Assert.True(reader.Next());
            Assert.Equal((7, number), (reader.Field, reader.Int64()));
            Assert.False(reader.Next());
        }
    }

    [Fact]
    public void Messages_InMessages_HaveTheirLengthsBeforeThem()
    {
        var writer = new ProtoWriter();
        int outer = writer.Begin(1), inner = writer.Begin(2);
        writer.Bytes(3, new byte[300]);
        writer.End(inner);
        writer.End(outer);
        var a = new ProtoReader(writer.Written.Span);
        Assert.True(a.Next());
        var b = new ProtoReader(a.Bytes());
        Assert.True(b.Next());
        var c = new ProtoReader(b.Bytes());
        Assert.True(c.Next());
        Assert.Equal((300, false, false, false), (c.Bytes().Length, a.Next(), b.Next(), c.Next()));
    }

    [Theory]
    [InlineData("18", "ends inside a number")]
    [InlineData("18ffffffffffffffffff02", "more than 64 bits")]
    [InlineData("0a05aa", "5 bytes of 1")]
    [InlineData("0b", "tag 11")]
    [InlineData("00", "tag 0")]
    [InlineData("3d0000", "is cut")]
    [InlineData("1001", "field 2 is of wire type 0, not bytes")]
    public void Read_OfWhatIsNoMessage_SaysWhere(string hex, string words)
    {
        ProtoException e = Assert.Throws<ProtoException>(() => EtcdResult.Range.Read(Convert.FromHexString(hex)));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    private static byte[] Received(string name) => Assert.Single(EtcdCapture.Load(name).Received);

    private static string Text(KeyValue e) => $"{e.KeyText}={Encoding.UTF8.GetString(e.Value.Span)} {e.CreateRevision} {e.ModRevision} {e.Version}";
}
