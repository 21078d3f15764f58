using Twill.Linux.Nft.Expressions;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

/// <summary>Turns a rule's statements into expressions, with what nft adds by itself: protocol matches, once each, and anonymous sets.</summary>
internal sealed class NftCompiler
{
    private const ushort EtherTypeIp = 0x0800, EtherTypeIp6 = 0x86dd, ArphrdEther = 1;

    private readonly NftRule _rule;
    private uint _nextSetId;
    private byte? _network;
    private byte? _transport;
    private bool _ethernet;

    private NftCompiler(NftRule rule, uint firstSetId)
    {
        _rule = rule;
        _nextSetId = firstSetId;
        _network = Family switch
        {
            NftFamily.Ip => NfnetlinkUapi.NFPROTO_IPV4,
            NftFamily.Ip6 => NfnetlinkUapi.NFPROTO_IPV6,
            _ => null,
        };
        _ethernet = Family is NftFamily.Bridge or NftFamily.Netdev;
    }

    internal List<NftExpression> Expressions { get; } = [];

    /// <summary>Anonymous sets that must exist before the rule; SetId in the lookup is their number in the transaction.</summary>
    internal List<(NftSet Set, uint SetId, NftElement[] Elements)> Sets { get; } = [];

    internal NftFamily Family => _rule.Chain.Table.Family;

    /// <param name="firstSetId">Number for the rule's first anonymous set, unique in its transaction.</param>
    internal static NftCompiler Compile(NftRule rule, uint firstSetId = 1)
    {
        var compiler = new NftCompiler(rule, firstSetId);
        foreach (NftStatement statement in rule.Statements) statement.Compile(compiler);
        return compiler;
    }

    internal void Add(NftExpression expression) => Expressions.Add(expression);

    /// <summary>Makes sure that only IPv4, or only IPv6, comes here.</summary>
    internal void NeedNetwork(bool v6)
    {
        byte wanted = v6 ? NfnetlinkUapi.NFPROTO_IPV6 : NfnetlinkUapi.NFPROTO_IPV4;
        if (_network == wanted) return;
        if (_network is not null) throw new InvalidOperationException($"rule \"{_rule}\" in {_rule.Chain}: IPv4 and IPv6 exclude each other");
        if (Family is NftFamily.Bridge or NftFamily.Netdev)
        {
            Add(new NftMeta(NFT_META_PROTOCOL, NftRegister.First));
            Add(new NftCmp(NftRegister.First, NFT_CMP_EQ, NftBytes.U16Be(v6 ? EtherTypeIp6 : EtherTypeIp)));
        }
        else
        {
            Add(new NftMeta(NFT_META_NFPROTO, NftRegister.First));
            Add(new NftCmp(NftRegister.First, NFT_CMP_EQ, NftBytes.U8(wanted)));
        }

        _network = wanted;
    }

    /// <summary>Makes sure that only this protocol above IP comes here.</summary>
    internal void NeedTransport(byte protocol)
    {
        if (_transport == protocol) return;
        if (_transport is not null) throw new InvalidOperationException($"rule \"{_rule}\" in {_rule.Chain}: protocols {_transport} and {protocol} exclude each other");
        Add(new NftMeta(NFT_META_L4PROTO, NftRegister.First));
        Add(new NftCmp(NftRegister.First, NFT_CMP_EQ, NftBytes.U8(protocol)));
        _transport = protocol;
    }

    internal void NeedEthernet()
    {
        if (_ethernet) return;
        Add(new NftMeta(NFT_META_IIFTYPE, NftRegister.First));
        Add(new NftCmp(NftRegister.First, NFT_CMP_EQ, NftBytes.U16(ArphrdEther)));
        _ethernet = true;
    }

    /// <summary>A statement said it itself: no second match is needed.</summary>
    internal void KnowTransport(byte protocol) => _transport ??= protocol;

    internal void KnowNetwork(byte nfproto) => _network ??= nfproto;

    internal (string Name, uint Id) AnonymousSet(NftType key, NftType? data, NftElement[] elements)
    {
        string name = data is null ? "__set%d" : "__map%d";
        uint id = _nextSetId++;
        var set = new NftSet(_rule.Chain.Table, name, key)
        {
            Data = data,
            Anonymous = true,
            Constant = true,
            Interval = Array.Exists(elements, e => e.Last is not null),
            Size = (uint)elements.Length,
        };
        Sets.Add((set, id, elements));
        return (name, id);
    }
}
