using System.Buffers.Binary;

namespace Twill.Linux.Sys;

/// <summary>Device and inode of an open file: two descriptors with equal identity are the same object.</summary>
public readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_INO = 0x100;

    /// <remarks>Source: struct statx in include/uapi/linux/stat.h: stx_ino at 32, stx_dev_major at 136, stx_dev_minor at 140.</remarks>
    public static unsafe FileIdentity Of(Descriptor descriptor)
    {
        byte* buffer = stackalloc byte[256];
        byte empty = 0;
        if (Libc.statx(descriptor.Number, &empty, AT_EMPTY_PATH, STATX_INO, buffer) < 0)
            throw new LinuxException($"cannot stat descriptor {descriptor.Number}", Libc.LastErrno);

        var stat = new ReadOnlySpan<byte>(buffer, 256);
        ulong major = BinaryPrimitives.ReadUInt32LittleEndian(stat[136..]), minor = BinaryPrimitives.ReadUInt32LittleEndian(stat[140..]);
        return new FileIdentity((major << 32) | minor, BinaryPrimitives.ReadUInt64LittleEndian(stat[32..]));
    }
}
