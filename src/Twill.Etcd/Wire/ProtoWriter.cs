using System.Text;

namespace Twill.Etcd.Wire;

/// <summary>Writes one protobuf message; a field with its default value is left out, as proto3 writers do.</summary>
/// <remarks>Source: protobuf encoding guide, https://protobuf.dev/programming-guides/encoding.</remarks>
internal sealed class ProtoWriter
{
    private byte[] _buffer = new byte[256];
    private int _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Int64(int field, long value)
    {
        if (value != 0) Varint(field, (ulong)value);
    }

    public void UInt64(int field, ulong value)
    {
        if (value != 0) Varint(field, value);
    }

    public void Bool(int field, bool value)
    {
        if (value) Varint(field, 1);
    }

    /// <summary>A number inside a oneof: written even where it is zero, since its presence says which one is meant.</summary>
    public void Varint(int field, ulong value)
    {
        Raw((uint)(field << 3));
        Raw(value);
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty) Member(field, value);
    }

    public void Text(int field, string value)
    {
        if (value.Length > 0) Member(field, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Bytes inside a oneof, written even where empty.</summary>
    public void Member(int field, ReadOnlySpan<byte> value)
    {
        Raw((uint)((field << 3) | 2));
        Raw((ulong)value.Length);
        Reserve(value.Length);
        value.CopyTo(_buffer.AsSpan(_length));
        _length += value.Length;
    }

    /// <summary>Begins a message inside this one.</summary>
    /// <returns>What <see cref="End"/> needs.</returns>
    public int Begin(int field)
    {
        Raw((uint)((field << 3) | 2));
        return _length;
    }

    /// <summary>Puts the length before what was written since <see cref="Begin"/>.</summary>
    public void End(int start)
    {
        int size = _length - start, prefix = VarintSize((ulong)size);
        Reserve(prefix);
        Array.Copy(_buffer, start, _buffer, start + prefix, size);
        _length = start;
        Raw((ulong)size);
        _length += size;
    }

    private static int VarintSize(ulong value)
    {
        int size = 1;
        while ((value >>= 7) != 0) size++;
        return size;
    }

    private void Raw(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _buffer[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[_length++] = (byte)value;
    }

    private void Reserve(int more)
    {
        if (_buffer.Length - _length < more) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + more));
    }
}
