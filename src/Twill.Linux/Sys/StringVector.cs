using System.Runtime.InteropServices;
using System.Text;

namespace Twill.Linux.Sys;

/// <summary>A NULL-terminated array of C strings, for argv and envp.</summary>
internal sealed unsafe class StringVector : IDisposable
{
    private readonly byte** _pointers;
    private readonly int _count;

    internal StringVector(string? first, IReadOnlyList<string> rest)
    {
        int offset = first is null ? 0 : 1;
        _count = rest.Count + offset;
        _pointers = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
        if (first is not null) _pointers[0] = Copy(first);
        for (int i = 0; i < rest.Count; i++) _pointers[i + offset] = Copy(rest[i]);
    }

    internal byte** Pointer => _pointers;

    public void Dispose()
    {
        for (int i = 0; i < _count; i++) NativeMemory.Free(_pointers[i]);
        NativeMemory.Free(_pointers);
    }

    private static byte* Copy(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        byte* copy = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(copy, length));
        copy[length] = 0;
        return copy;
    }
}
