using System.Net.Sockets;
using Twill.Etcd;
using Twill.Etcd.Grpc;
using Twill.Etcd.Wire;
using Xunit;

namespace Twill.Tests.Etcd;

/// <summary>What the runtime throws, in our words: may it be tried elsewhere, and may it have been done?</summary>
public sealed class GrpcChannelTests
{
    private static readonly Uri s_endpoint = new("http://10.0.0.1:2379");

    public static TheoryData<Exception, TimeSpan?, GrpcStatus, bool> Failures => new()
    {
        // Seen when a member was killed between the opening of a stream and its first message: the mirror must not end by it.
        { new ObjectDisposedException("stream"), null, GrpcStatus.Unavailable, true },
        { new OperationCanceledException(), null, GrpcStatus.Unavailable, true },
        { new OperationCanceledException(), TimeSpan.FromSeconds(2), GrpcStatus.DeadlineExceeded, true },
        { new OperationCanceledException("x", new TimeoutException()), null, GrpcStatus.Unavailable, false },
        { new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException(111)), null, GrpcStatus.Unavailable, false },
        { new HttpRequestException(HttpRequestError.SecureConnectionError, "x"), null, GrpcStatus.Unavailable, false },
        { new HttpRequestException(HttpRequestError.ResponseEnded, "x"), null, GrpcStatus.Unavailable, true },
        { new IOException("x"), null, GrpcStatus.Unavailable, true },
        { new ProtoException("x"), null, GrpcStatus.Internal, true },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public void Translate_OfEachFailure_SaysWhetherItMayHaveHappened(Exception failure, TimeSpan? timedOut, GrpcStatus status, bool mayHaveHappened)
    {
        EtcdException e = GrpcChannel.Translate(failure, s_endpoint, GrpcMethod.Put, "/a", timedOut, CancellationToken.None)!;
        Assert.Equal((status, mayHaveHappened, status != GrpcStatus.Internal), (e.Status, e.MayHaveHappened, e.IsTransient));
        Assert.StartsWith("etcd: KV/Put /a at 10.0.0.1:2379 failed: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Translate_OfTheCallersOwnEnd_AndOfABug_IsNone()
    {
        Assert.Null(GrpcChannel.Translate(new OperationCanceledException(), s_endpoint, GrpcMethod.Put, "", null, new CancellationToken(true)));
        Assert.Null(GrpcChannel.Translate(new InvalidCastException(), s_endpoint, GrpcMethod.Put, "", null, CancellationToken.None));
    }
}
