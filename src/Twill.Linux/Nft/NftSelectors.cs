using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

/// <summary>Like: ip saddr, ip6 daddr, ct original ip daddr.</summary>
public sealed class NftAddressSelector : NftSelector
{
    private readonly bool _v6;
    private readonly Action<NftCompiler, int>? _loadPart;

    internal NftAddressSelector(string text, bool v6, Action<NftCompiler>? depend, Action<NftCompiler, NftRegister> load, Action<NftCompiler, int>? loadPart = null)
        : base(text, v6 ? NftType.Ipv6Addr : NftType.Ipv4Addr, depend, load)
    {
        _v6 = v6;
        _loadPart = loadPart;
    }

    public NftStatement Is(IpAddress address) => Compare(NFT_CMP_EQ, NftBytes.Of(Checked(address)), address.ToString());

    public NftStatement IsNot(IpAddress address) => Compare(NFT_CMP_NEQ, NftBytes.Of(Checked(address)), address.ToString());

    /// <summary>Like: ip saddr 10.244.1.0/24. Host bits are cleared.</summary>
    public NftStatement Is(IpPrefix prefix) => Match(prefix, NFT_CMP_EQ, "");

    /// <summary>Like: ip daddr != 10.244.0.0/16.</summary>
    public NftStatement IsNot(IpPrefix prefix) => Match(prefix, NFT_CMP_NEQ, "!= ");

    public NftStatement InRange(IpAddress first, IpAddress last) => Within(NftBytes.Of(Checked(first)), NftBytes.Of(Checked(last)), false);

    public NftStatement NotInRange(IpAddress first, IpAddress last) => Within(NftBytes.Of(Checked(first)), NftBytes.Of(Checked(last)), true);

    private IpAddress Checked(IpAddress address) => address.IsV6 == _v6 ? address : throw new ArgumentException($"{Text} cannot be {address}", nameof(address));

    private NftStatement Match(IpPrefix prefix, uint op, string words)
    {
        IpAddress network = Checked(prefix.First);
        if (prefix.Length == network.Bits) return Compare(op, NftBytes.Of(network), network.ToString());
        NftBytes value = NftBytes.Of(network);
        return new NftStatement($"{Text} {words}{prefix.Network}", compiler =>
        {
            Depend(compiler);
            // Whole bytes need no mask: as nft does, only those are loaded.
            if (prefix.Length % 8 == 0 && prefix.Length != 0 && _loadPart is not null)
            {
                _loadPart(compiler, prefix.Length / 8);
                compiler.Add(new NftCmp(NftRegister.First, op, new NftBytes(value.Span[..(prefix.Length / 8)])));
                return;
            }

            Load(compiler, NftRegister.First);
            var all = new IpPrefix(new IpAddress(network.Bits == 128 ? UInt128.MaxValue : uint.MaxValue, network.IsV6), prefix.Length);
            compiler.Add(new NftBitwise(NftRegister.First, NftRegister.First, NftBytes.Of(all.First), new NftBytes(new byte[network.Length])));
            compiler.Add(new NftCmp(NftRegister.First, op, value));
        });
    }
}

/// <summary>Like: tcp dport, th sport, ct original proto-dst.</summary>
public sealed class NftPortSelector : NftSelector
{
    internal NftPortSelector(string text, Action<NftCompiler>? depend, Action<NftCompiler, NftRegister> load)
        : base(text, NftType.InetService, depend, load)
    {
    }

    public NftStatement Is(ushort port) => Compare(NFT_CMP_EQ, NftBytes.U16Be(port), port.ToString());

    public NftStatement IsNot(ushort port) => Compare(NFT_CMP_NEQ, NftBytes.U16Be(port), port.ToString());

    public NftStatement InRange(ushort first, ushort last) => Within(NftBytes.U16Be(first), NftBytes.U16Be(last), false);

    public NftStatement NotInRange(ushort first, ushort last) => Within(NftBytes.U16Be(first), NftBytes.U16Be(last), true);

    /// <summary>Like: tcp dport { 80, 443 }.</summary>
    public NftStatement OneOf(params ReadOnlySpan<ushort> ports)
    {
        var elements = new NftElement[ports.Length];
        for (int i = 0; i < ports.Length; i++) elements[i] = NftElement.Of(NftBytes.U16Be(ports[i]));
        return OneOf(elements);
    }
}

/// <summary>An interface name; a "*" at its end stands for any rest. Like: iifname, oifname.</summary>
public sealed class NftNameSelector : NftSelector
{
    internal NftNameSelector(string text, Action<NftCompiler, NftRegister> load)
        : base(text, NftType.IfName, null, load)
    {
    }

    public NftStatement Is(string name) => Compare(NFT_CMP_EQ, NftBytes.InterfaceName(name), $"\"{name}\"");

    public NftStatement IsNot(string name) => Compare(NFT_CMP_NEQ, NftBytes.InterfaceName(name), $"\"{name}\"");

    /// <summary>Whole names only.</summary>
    public NftStatement OneOf(params ReadOnlySpan<string> names)
    {
        var elements = new NftElement[names.Length];
        for (int i = 0; i < names.Length; i++) elements[i] = NftElement.Of(NftBytes.InterfaceName(names[i]));
        return OneOf(elements);
    }
}

/// <summary>A number of one byte. Like: meta l4proto, ip protocol, meta pkttype, icmp type.</summary>
public sealed class NftByteSelector : NftSelector
{
    private readonly Func<byte, string> _name;
    private readonly Action<NftCompiler, byte>? _learn;

    internal NftByteSelector(string text, NftType type, Func<byte, string> name, Action<NftCompiler>? depend, Action<NftCompiler, NftRegister> load, Action<NftCompiler, byte>? learn = null)
        : base(text, type, depend, load)
    {
        _name = name;
        _learn = learn;
    }

    public NftStatement Is(byte value) => Compare(NFT_CMP_EQ, NftBytes.U8(value), _name(value), _learn is { } learn ? compiler => learn(compiler, value) : null);

    public NftStatement IsNot(byte value) => Compare(NFT_CMP_NEQ, NftBytes.U8(value), _name(value));

    /// <summary>Like: meta l4proto { tcp, udp }.</summary>
    public NftStatement OneOf(params ReadOnlySpan<byte> values)
    {
        var elements = new NftElement[values.Length];
        for (int i = 0; i < values.Length; i++) elements[i] = NftElement.Of(NftBytes.U8(values[i]));
        return OneOf(elements);
    }
}

/// <summary>A number of the host. Like: meta mark, ct mark, iif, ct zone.</summary>
public sealed class NftNumberSelector : NftSelector
{
    private readonly Func<uint, string> _format;
    private readonly Func<uint, NftBytes> _bytes;
    private readonly Func<NftRegister, NftExpression>? _store;

    internal NftNumberSelector(string text, NftType type, Func<uint, string> format, Func<uint, NftBytes> bytes, Action<NftCompiler, NftRegister> load, Func<NftRegister, NftExpression>? store = null)
        : base(text, type, null, load)
    {
        _format = format;
        _bytes = bytes;
        _store = store;
    }

    public NftStatement Is(uint value) => Compare(NFT_CMP_EQ, _bytes(value), _format(value));

    public NftStatement IsNot(uint value) => Compare(NFT_CMP_NEQ, _bytes(value), _format(value));

    /// <summary>Like: meta mark &amp; 0x0000ff00 == 0x00004000.</summary>
    public NftStatement MaskedIs(uint mask, uint value) => Masked(mask, NFT_CMP_EQ, "==", value);

    /// <summary>Like: meta mark &amp; 0x00004000 != 0x00000000.</summary>
    public NftStatement MaskedIsNot(uint mask, uint value) => Masked(mask, NFT_CMP_NEQ, "!=", value);

    /// <summary>Like: meta mark set 0x00004000.</summary>
    public NftStatement Set(uint value) => new($"{Text} set {_format(value)}", compiler =>
    {
        compiler.Add(new NftImmediate(NftRegister.First, _bytes(value)));
        compiler.Add(Store());
    });

    /// <summary>Like: ct mark set meta mark.</summary>
    public NftStatement Set(NftNumberSelector source) => new($"{Text} set {source.Text}", compiler =>
    {
        source.LoadFirst(compiler);
        compiler.Add(Store());
    });

    /// <summary>Like: meta priority set ip saddr map @classes. Without an answer the rule ends.</summary>
    public NftStatement Set(NftMapped source) => new($"{Text} set {source.Text}", compiler =>
    {
        source.Load(compiler, NftRegister.First);
        compiler.Add(Store());
    });

    /// <summary>Sets some bits and leaves the others. Like: meta mark set meta mark | 0x00004000.</summary>
    public NftStatement SetBits(uint bits) => new($"{Text} set {Text} | {_format(bits)}", compiler =>
    {
        LoadFirst(compiler);
        compiler.Add(new NftBitwise(NftRegister.First, NftRegister.First, _bytes(~bits), _bytes(bits)));
        compiler.Add(Store());
    });

    /// <summary>Clears some bits and leaves the others. Like: meta mark set meta mark &amp; 0xffffbfff.</summary>
    public NftStatement ClearBits(uint bits) => new($"{Text} set {Text} & {_format(~bits)}", compiler =>
    {
        LoadFirst(compiler);
        compiler.Add(new NftBitwise(NftRegister.First, NftRegister.First, _bytes(~bits), _bytes(0)));
        compiler.Add(Store());
    });

    private NftStatement Masked(uint mask, uint op, string words, uint value) => new($"{Text} & {_format(mask)} {words} {_format(value)}", compiler =>
    {
        LoadFirst(compiler);
        compiler.Add(new NftBitwise(NftRegister.First, NftRegister.First, _bytes(mask), _bytes(0)));
        compiler.Add(new NftCmp(NftRegister.First, op, _bytes(value)));
    });

    private NftExpression Store() => _store?.Invoke(NftRegister.First) ?? throw new InvalidOperationException($"{Text} cannot be set");
}

/// <summary>Any of some bits. Like: ct state established,related; ct status dnat.</summary>
public sealed class NftFlagsSelector : NftSelector
{
    private readonly Func<uint, string> _format;

    internal NftFlagsSelector(string text, NftType type, Func<uint, string> format, Action<NftCompiler, NftRegister> load)
        : base(text, type, null, load)
        => _format = format;

    internal NftStatement Any(uint bits) => Match(bits, NFT_CMP_NEQ, "");

    internal NftStatement None(uint bits) => Match(bits, NFT_CMP_EQ, "! ");

    private NftStatement Match(uint bits, uint op, string words) => new($"{Text} {words}{_format(bits)}", compiler =>
    {
        LoadFirst(compiler);
        compiler.Add(new NftBitwise(NftRegister.First, NftRegister.First, NftBytes.U32(bits), NftBytes.U32(0)));
        compiler.Add(new NftCmp(NftRegister.First, op, NftBytes.U32(0)));
    });
}
