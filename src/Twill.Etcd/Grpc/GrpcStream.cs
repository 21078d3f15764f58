namespace Twill.Etcd.Grpc;

/// <summary>Messages both ways on one HTTP/2 stream. One writer and one reader at a time.</summary>
/// <remarks>Nothing is queued here: a reader that does not read stops the server by flow control.</remarks>
internal sealed class GrpcStream : IAsyncDisposable
{
    private readonly GrpcMethod _method;
    private readonly string _subject;
    private readonly HttpRequestMessage _request;
    private readonly HttpResponseMessage _response;
    private readonly DuplexContent _content;
    private readonly Stream _up;
    private readonly Stream _down;
    private readonly CancellationTokenSource _life;
    private readonly int _maxBytes;
    private int _disposed;

    internal GrpcStream(Uri endpoint, GrpcMethod method, string subject, HttpRequestMessage request, HttpResponseMessage response, DuplexContent content, Stream up, Stream down, CancellationTokenSource life, int maxBytes)
    {
        Endpoint = endpoint;
        _method = method;
        _subject = subject;
        _request = request;
        _response = response;
        _content = content;
        _up = up;
        _down = down;
        _life = life;
        _maxBytes = maxBytes;
    }

    public Uri Endpoint { get; }

    /// <exception cref="EtcdException">The connection is gone.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        try
        {
            await _up.WriteAsync(GrpcFrame.Of(message.Span), cancel).ConfigureAwait(false);
            await _up.FlushAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (GrpcChannel.Translate(e, Endpoint, _method, _subject, null, cancel) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>The next message.</summary>
    /// <exception cref="EtcdException">The server ended the stream, and why; or the connection is gone.</exception>
    public async Task<byte[]> ReadAsync(CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _life.Token);
        try
        {
            if (await GrpcFrame.ReadAsync(_down, _maxBytes, either.Token).ConfigureAwait(false) is { } message) return message;
            GrpcChannel.ThrowUnlessOk(_response.TrailingHeaders, Endpoint, _method, _subject);
            throw new EtcdException(_method.ToString(), Endpoint, GrpcStatus.Unavailable, "the server ended the stream", true);
        }
        catch (Exception e) when (GrpcChannel.Translate(e, Endpoint, _method, _subject, null, cancel) is { } translated)
        {
            throw translated;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _content.End();
        await _life.CancelAsync().ConfigureAwait(false);
        await _down.DisposeAsync().ConfigureAwait(false);
        _response.Dispose();
        // The request owns the content, and with it the way up.
        _request.Dispose();
        _content.Dispose();
        await _up.DisposeAsync().ConfigureAwait(false);
        _life.Dispose();
    }
}
