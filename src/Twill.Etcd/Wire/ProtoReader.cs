using System.Text;

namespace Twill.Etcd.Wire;

/// <summary>Reads one protobuf message forward: <see cref="Next"/>, then the value or <see cref="Skip"/>. Unknown fields are skipped, never an error.</summary>
/// <remarks>Groups (wire types 3 and 4) do not exist in proto3 and are refused.</remarks>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private const int MaxVarintBytes = 10;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _offset;
    private int _wireType;

    /// <summary>Number of the field that <see cref="Next"/> found.</summary>
    public int Field { get; private set; }

    public readonly bool IsNumber => _wireType == 0;

    /// <summary>Moves to the next field; false at the end.</summary>
    /// <exception cref="ProtoException">A tag that cannot be.</exception>
    public bool Next()
    {
        if (_offset == _message.Length) return false;
        ulong tag = Raw();
        _wireType = (int)(tag & 7);
        if (tag >> 3 is 0 or > (1 << 29) - 1 || _wireType is 3 or 4 or > 5) throw Bad($"tag {tag}");
        Field = (int)(tag >> 3);
        return true;
    }

    public ulong UInt64()
    {
        if (_wireType != 0) throw Bad($"field {Field} is of wire type {_wireType}, not a number");
        return Raw();
    }

    public long Int64() => (long)UInt64();

    public bool Bool() => UInt64() != 0;

    public ReadOnlySpan<byte> Bytes()
    {
        if (_wireType != 2) throw Bad($"field {Field} is of wire type {_wireType}, not bytes");
        ulong length = Raw();
        if (length > (ulong)(_message.Length - _offset)) throw Bad($"field {Field} has {length} bytes of {_message.Length - _offset}");
        ReadOnlySpan<byte> bytes = _message.Slice(_offset, (int)length);
        _offset += (int)length;
        return bytes;
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public void Skip()
    {
        switch (_wireType)
        {
            case 0: Raw(); break;
            case 1: Over(8); break;
            case 5: Over(4); break;
            default: Bytes(); break;
        }
    }

    private ulong Raw()
    {
        ulong value = 0;
        for (int i = 0; i < MaxVarintBytes; i++)
        {
            if (_offset == _message.Length) throw Bad("the message ends inside a number");
            byte b = _message[_offset++];
            if (i == MaxVarintBytes - 1 && b > 1) throw Bad("a number of more than 64 bits");
            value |= (ulong)(b & 0x7f) << (7 * i);
            if (b < 0x80) return value;
        }

        throw Bad("a number of more than 64 bits");
    }

    private void Over(int bytes)
    {
        if (_message.Length - _offset < bytes) throw Bad($"field {Field} is cut");
        _offset += bytes;
    }

    private readonly ProtoException Bad(string why) => new($"malformed message at byte {_offset}: {why}");
}
