using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Twill.Linux.Sys;

namespace Twill.Linux.Tracepoint;

/// <summary>Tells why the kernel dropped packets while the thread that opened this was at work: the tracepoint skb:kfree_skb.</summary>
/// <remarks>
/// A packet that a thread sends over veth pairs is carried through all namespaces in that thread's own time, so what is dropped then
/// is (nearly always) that packet. Everything here goes with its descriptors: no file system is mounted anywhere, nothing is switched on that
/// outlives us. Drop reasons came with Linux 5.17. Needs CAP_PERFMON and CAP_SYS_ADMIN.
/// Source: man 2 perf_event_open; man 2 fsopen; include/net/dropreason-core.h.
/// </remarks>
public sealed unsafe class DropReasons : IDisposable
{
    private const nint SYS_fsopen = 430, SYS_fsconfig = 431, SYS_fsmount = 432; // on all architectures
    private const int FSCONFIG_CMD_CREATE = 6, PROT_READ_WRITE = 3, MAP_SHARED = 1, PERF_FLAG_FD_CLOEXEC = 8;
    private const uint PERF_TYPE_TRACEPOINT = 2, PERF_RECORD_SAMPLE = 9;
    private const ulong PERF_SAMPLE_RAW = 1 << 10;
    private const int PageBytes = 4096, DataPages = 16, AttributeBytes = 64;

    /// <summary>Offsets in struct perf_event_mmap_page.</summary>
    private const int DataHead = 1024, DataTail = 1032;

    private static readonly nint s_perfEventOpen = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 298 : 241; // 241: arm64, riscv64

    private readonly Descriptor _event;
    private readonly byte* _ring;
    private readonly int _reasonOffset;
    private readonly Dictionary<uint, string> _names;

    private DropReasons(Descriptor descriptor, byte* ring, int reasonOffset, Dictionary<uint, string> names)
    {
        _event = descriptor;
        _ring = ring;
        _reasonOffset = reasonOffset;
        _names = names;
    }

    /// <summary>Begins to watch what the calling thread does.</summary>
    /// <returns>Null where the kernel cannot, with the reason in words.</returns>
    public static DropReasons? TryOpen(out string? whyNot)
    {
        using Descriptor? files = Files(out whyNot);
        if (files is null) return null;
        string? id = Read(files, "events/skb/kfree_skb/id", out whyNot), format = Read(files, "events/skb/kfree_skb/format", out string? noFormat);
        if (id is null || format is null)
        {
            whyNot ??= noFormat;
            return null;
        }

        if (!TryParseFormat(format, out int offset, out Dictionary<uint, string> names))
        {
            whyNot = "the tracepoint skb:kfree_skb has no reason before Linux 5.17";
            return null;
        }

        // struct perf_event_attr, PERF_ATTR_SIZE_VER0.
        Span<byte> attribute = stackalloc byte[AttributeBytes];
        attribute.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(attribute, PERF_TYPE_TRACEPOINT);
        BinaryPrimitives.WriteUInt32LittleEndian(attribute[4..], AttributeBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(attribute[8..], ulong.Parse(id, CultureInfo.InvariantCulture));
        BinaryPrimitives.WriteUInt64LittleEndian(attribute[16..], 1); // every one
        BinaryPrimitives.WriteUInt64LittleEndian(attribute[24..], PERF_SAMPLE_RAW);
        nint number;
        fixed (byte* p = attribute) number = Libc.syscall(s_perfEventOpen, (nint)p, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
        if (number < 0)
        {
            whyNot = $"perf_event_open: {Libc.LastErrno.Name} {Libc.LastErrno.Text}";
            return null;
        }

        var descriptor = new Descriptor((int)number);
        void* ring = Libc.mmap(null, (1 + DataPages) * PageBytes, PROT_READ_WRITE, MAP_SHARED, descriptor.Number, 0);
        if ((nint)ring == -1)
        {
            whyNot = $"mmap of a perf event: {Libc.LastErrno.Name} {Libc.LastErrno.Text}";
            descriptor.Dispose();
            return null;
        }

        return new DropReasons(descriptor, (byte*)ring, offset, names);
    }

    public void Dispose()
    {
        _ = Libc.munmap(_ring, (1 + DataPages) * PageBytes);
        _event.Dispose();
    }

    /// <summary>Reasons since the last call, in the kernel's words and order: "NETFILTER_DROP".</summary>
    public List<string> Take()
    {
        var reasons = new List<string>();
        ulong head = Volatile.Read(ref *(ulong*)(_ring + DataHead)), tail = *(ulong*)(_ring + DataTail);
        Span<byte> record = stackalloc byte[256];
        while (tail < head)
        {
            Copy(tail, record[..8]);
            int size = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);
            if (size < 8) break;
            Copy(tail, record[..Math.Min(size, record.Length)]);
            int at = 8 + 4 + _reasonOffset; // header, size of the raw data
            if (BinaryPrimitives.ReadUInt32LittleEndian(record) == PERF_RECORD_SAMPLE && at + 4 <= size)
            {
                uint reason = BinaryPrimitives.ReadUInt32LittleEndian(record[at..]);
                reasons.Add(_names.GetValueOrDefault(reason) ?? $"reason {reason}");
            }

            tail += (ulong)size;
        }

        Volatile.Write(ref *(ulong*)(_ring + DataTail), tail);
        return reasons;
    }

    /// <summary>Where the field stands in a record, and what its numbers mean, from the tracepoint's format file.</summary>
    internal static bool TryParseFormat(string format, out int reasonOffset, out Dictionary<uint, string> names)
    {
        names = [];
        reasonOffset = -1;
        foreach (string line in format.Split('\n'))
        {
            if (!line.Contains(" reason;", StringComparison.Ordinal)) continue;
            int at = line.IndexOf("offset:", StringComparison.Ordinal);
            if (at >= 0 && int.TryParse(line.AsSpan(at + 7, Math.Max(line.IndexOf(';', at) - at - 7, 0)), NumberStyles.None, CultureInfo.InvariantCulture, out int offset)) reasonOffset = offset;
        }

        int list = format.IndexOf("__print_symbolic(REC->reason", StringComparison.Ordinal);
        if (reasonOffset < 0 || list < 0) return false;
        foreach (string entry in format[list..].Split('{').Skip(1))
        {
            string[] parts = entry.Split('"');
            if (parts.Length >= 2 && uint.TryParse(parts[0].AsSpan().Trim(" ,"), NumberStyles.None, CultureInfo.InvariantCulture, out uint number)) names[number] = parts[1];
        }

        return true;
    }

    private void Copy(ulong position, Span<byte> into)
    {
        var data = new ReadOnlySpan<byte>(_ring + PageBytes, DataPages * PageBytes);
        for (int i = 0; i < into.Length; i++) into[i] = data[(int)((position + (ulong)i) % (DataPages * PageBytes))];
    }

    /// <summary>A tracefs that is mounted nowhere: it lives as long as the descriptor.</summary>
    private static Descriptor? Files(out string? whyNot)
    {
        whyNot = null;
        nint context;
        fixed (byte* type = "tracefs\0"u8) context = Libc.syscall(SYS_fsopen, (nint)type, 1, 0, 0, 0);
        if (context < 0)
        {
            whyNot = $"no tracefs: {Libc.LastErrno.Name} {Libc.LastErrno.Text}";
            return null;
        }

        using var made = new Descriptor((int)context);
        nint mount = Libc.syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, 0, 0, 0) < 0 ? -1 : Libc.syscall(SYS_fsmount, context, 1, 0, 0, 0);
        if (mount >= 0) return new Descriptor((int)mount);
        whyNot = $"no tracefs: {Libc.LastErrno.Name} {Libc.LastErrno.Text}";
        return null;
    }

    private static string? Read(Descriptor directory, string path, out string? whyNot)
    {
        whyNot = null;
        Span<byte> scratch = stackalloc byte[128];
        int fd;
        fixed (byte* p = Descriptor.Utf8Path(path, scratch)) fd = Libc.openat(directory.Number, p, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        if (fd < 0)
        {
            whyNot = $"no tracepoint skb:kfree_skb: {Libc.LastErrno.Name} {Libc.LastErrno.Text}";
            return null;
        }

        using var file = new Descriptor(fd);
        byte[] buffer = new byte[32 * 1024];
        int used = 0;
        while (used < buffer.Length)
        {
            nint n;
            fixed (byte* p = buffer) n = Libc.read(fd, p + used, (nuint)(buffer.Length - used));
            if (n <= 0) break;
            used += (int)n;
        }

        return Encoding.ASCII.GetString(buffer, 0, used).TrimEnd('\n');
    }
}
