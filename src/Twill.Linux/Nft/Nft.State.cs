using Twill.Linux.Nft.Expressions;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

/// <summary>Bits of ct state.</summary>
[Flags]
public enum NftCtState : uint
{
    Invalid = 1,
    Established = 2,
    Related = 4,
    New = 8,
    Untracked = 64,
}

/// <summary>Bits of ct status. Source: enum ip_conntrack_status.</summary>
[Flags]
public enum NftCtStatus : uint
{
    Expected = 1,
    SeenReply = 2,
    Assured = 4,
    Confirmed = 8,
    Snat = 16,
    Dnat = 32,
}

/// <summary>What a route look-up says of an address. Source: RTN_* of rtnetlink.h.</summary>
public enum NftFibType : uint
{
    Unicast = 1,
    Local = 2,
    Broadcast = 3,
    Anycast = 4,
    Multicast = 5,
    Blackhole = 6,
    Unreachable = 7,
    Prohibit = 8,
}

public static partial class Nft
{
    private static readonly (uint Bit, string Name)[] s_states = [(1, "invalid"), (2, "established"), (4, "related"), (8, "new"), (64, "untracked")];
    private static readonly (uint Bit, string Name)[] s_statuses = [(1, "expected"), (2, "seen-reply"), (4, "assured"), (8, "confirmed"), (16, "snat"), (32, "dnat")];

    /// <summary>The connection that the packet belongs to.</summary>
    public static class Ct
    {
        private static readonly NftFlagsSelector s_state = new("ct state", NftType.CtState, bits => Names(s_states, bits), Load(NFT_CT_STATE, null));
        private static readonly NftFlagsSelector s_status = new("ct status", NftType.CtStatus, bits => Names(s_statuses, bits), Load(NFT_CT_STATUS, null));

        /// <summary>Like: ct state established,related. One of them.</summary>
        public static NftStatement State(NftCtState states) => s_state.Any((uint)states);

        /// <summary>Like: ct state ! invalid. None of them.</summary>
        public static NftStatement StateNot(NftCtState states) => s_state.None((uint)states);

        /// <summary>Like: ct status dnat.</summary>
        public static NftStatement Status(NftCtStatus bits) => s_status.Any((uint)bits);

        public static NftStatement StatusNot(NftCtStatus bits) => s_status.None((uint)bits);

        /// <summary>For verdict maps: ct state vmap { established : accept, ... }; keys are single bits.</summary>
        public static NftSelector StateKey => s_state;

        public static NftNumberSelector Mark { get; } = new(
            "ct mark", NftType.Mark, v => $"0x{v:x8}", NftBytes.U32, Load(NFT_CT_MARK, null), register => new NftCtSet(NFT_CT_MARK, register));

        /// <summary>0 to 65535; set only in raw chains, before conntrack.</summary>
        public static NftNumberSelector Zone { get; } = new(
            "ct zone", NftType.Integer, v => v.ToString(), v => NftBytes.U16((ushort)v), Load(NFT_CT_ZONE, null), register => new NftCtSet(NFT_CT_ZONE, register));

        /// <summary>Like: ct direction original.</summary>
        public static NftStatement Direction(bool reply) => new($"ct direction {(reply ? "reply" : "original")}", c =>
        {
            c.Add(new NftCt(NFT_CT_DIRECTION, NftRegister.First));
            c.Add(new NftCmp(NftRegister.First, NFT_CMP_EQ, NftBytes.U8(reply ? (byte)1 : (byte)0)));
        });

        /// <summary>What the first packet bore, before any translation.</summary>
        public static NftAddressSelector OriginalSaddr { get; } = Tuple("ct original ip saddr", false, NFT_CT_SRC_IP);

        public static NftAddressSelector OriginalDaddr { get; } = Tuple("ct original ip daddr", false, NFT_CT_DST_IP);

        public static NftAddressSelector OriginalSaddr6 { get; } = Tuple("ct original ip6 saddr", true, NFT_CT_SRC_IP6);

        public static NftAddressSelector OriginalDaddr6 { get; } = Tuple("ct original ip6 daddr", true, NFT_CT_DST_IP6);

        /// <summary>Port before translation; match meta l4proto beside it.</summary>
        public static NftPortSelector OriginalProtoDst { get; } = new("ct original proto-dst", null, Load(NFT_CT_PROTO_DST, 0));

        public static NftPortSelector OriginalProtoSrc { get; } = new("ct original proto-src", null, Load(NFT_CT_PROTO_SRC, 0));

        private static NftAddressSelector Tuple(string text, bool v6, uint key) => new(text, v6, null, Load(key, 0));

        private static Action<NftCompiler, NftRegister> Load(uint key, byte? direction) => (c, register) => c.Add(new NftCt(key, register, direction));
    }

    /// <summary>Asks the routing tables.</summary>
    public static class Fib
    {
        /// <summary>Like: fib daddr type local.</summary>
        public static NftStatement DaddrType(NftFibType type) => Type("fib daddr type", NFTA_FIB_F_DADDR, type, NFT_CMP_EQ, "");

        public static NftStatement DaddrTypeNot(NftFibType type) => Type("fib daddr type", NFTA_FIB_F_DADDR, type, NFT_CMP_NEQ, "!= ");

        public static NftStatement SaddrType(NftFibType type) => Type("fib saddr type", NFTA_FIB_F_SADDR, type, NFT_CMP_EQ, "");

        public static NftStatement SaddrTypeNot(NftFibType type) => Type("fib saddr type", NFTA_FIB_F_SADDR, type, NFT_CMP_NEQ, "!= ");

        /// <summary>The way back to the source does not lead out where it came in. Like: fib saddr . iif oif missing.</summary>
        public static NftStatement ReversePathMissing { get; } = Present(0, "missing");

        /// <summary>Like: fib saddr . iif oif exists.</summary>
        public static NftStatement ReversePathExists { get; } = Present(1, "exists");

        private static NftStatement Present(uint value, string word) => new($"fib saddr . iif oif {word}", c =>
        {
            c.Add(new NftFib(NftRegister.First, NFT_FIB_RESULT_OIF, NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF | NFTA_FIB_F_PRESENT));
            c.Add(new NftCmp(NftRegister.First, NFT_CMP_EQ, NftBytes.U32(value)));
        });

        private static NftStatement Type(string text, uint flags, NftFibType type, uint op, string words) => new($"{text} {words}{type.ToString().ToLowerInvariant()}", c =>
        {
            c.Add(new NftFib(NftRegister.First, NFT_FIB_RESULT_ADDRTYPE, flags));
            c.Add(new NftCmp(NftRegister.First, op, NftBytes.U32((uint)type)));
        });
    }

    /// <summary>Like: numgen random mod 3.</summary>
    public static NftSelector NumgenRandom(uint modulus) => new($"numgen random mod {modulus}", NftType.Integer, null, (c, register) => c.Add(new NftNumgen(register, modulus, NFT_NG_RANDOM)));

    /// <summary>Round robin. Like: numgen inc mod 3.</summary>
    public static NftSelector NumgenInc(uint modulus) => new($"numgen inc mod {modulus}", NftType.Integer, null, (c, register) => c.Add(new NftNumgen(register, modulus, NFT_NG_INCREMENTAL)));

    /// <summary>Like: jhash ip saddr mod 3 seed 0x1234.</summary>
    /// <param name="seed">Null: the kernel draws one.</param>
    public static NftSelector Jhash(NftSelector key, uint modulus, uint? seed = null)
        => new($"jhash {key.Text} mod {modulus}{(seed is { } s ? $" seed 0x{s:x}" : "")}", NftType.Integer, key.Depend, (c, register) =>
        {
            // The key behind the result's 16 bytes, as nft places it.
            NftRegister from = NftRegister.OfWord(register.Word + 4);
            key.Load(c, from);
            c.Add(new NftHash(NFT_HASH_JENKINS, from, register, (uint)((key.Type.Length + 3) & ~3), modulus, seed));
        });

    /// <summary>The same for both directions of a connection. Like: symhash mod 3.</summary>
    public static NftSelector Symhash(uint modulus) => new($"symhash mod {modulus}", NftType.Integer, null, (c, register) => c.Add(new NftHash(NFT_HASH_SYM, null, register, 0, modulus)));

    private static string Names((uint Bit, string Name)[] names, uint bits) => string.Join(',', names.Where(n => (bits & n.Bit) != 0).Select(n => n.Name));
}
