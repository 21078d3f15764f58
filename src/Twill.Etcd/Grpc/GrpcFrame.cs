using System.Buffers.Binary;

namespace Twill.Etcd.Grpc;

/// <summary>A message on the wire: one byte whether it is compressed, its length, itself. Source: grpc/grpc, doc/PROTOCOL-HTTP2.md.</summary>
internal static class GrpcFrame
{
    public const int PrefixBytes = 5;

    public static byte[] Of(ReadOnlySpan<byte> message)
    {
        byte[] frame = new byte[PrefixBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame.AsSpan(PrefixBytes));
        return frame;
    }

    /// <summary>Reads the next message; null at the end of the stream.</summary>
    /// <exception cref="Wire.ProtoException">Compressed (we did not offer that), too long, or cut.</exception>
    public static async ValueTask<byte[]?> ReadAsync(Stream stream, int maxBytes, CancellationToken cancel)
    {
        byte[] prefix = new byte[PrefixBytes];
        int got = await stream.ReadAtLeastAsync(prefix, PrefixBytes, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        if (got == 0) return null;
        if (got < PrefixBytes) throw new Wire.ProtoException("the stream ends inside a message's prefix");
        if (prefix[0] != 0) throw new Wire.ProtoException("a compressed message, which was not offered");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1));
        if (length > maxBytes) throw new Wire.ProtoException($"a message of {length} bytes; at most {maxBytes} are taken in (MaxMessageBytes)");
        byte[] message = new byte[length];
        got = await stream.ReadAtLeastAsync(message, message.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        return got == message.Length ? message : throw new Wire.ProtoException($"the stream ends after {got} of a message's {length} bytes");
    }
}
