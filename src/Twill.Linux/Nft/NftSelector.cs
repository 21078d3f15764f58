using Twill.Linux.Nft.Expressions;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

/// <summary>Something of a packet that can be compared and looked up: an address, a port, a mark, several of them.</summary>
/// <remarks>Like: ip saddr, tcp dport, meta l4proto, ip daddr . tcp dport. Made by <see cref="Nft"/>.</remarks>
public class NftSelector
{
    private readonly Action<NftCompiler>? _depend;
    private readonly Action<NftCompiler, NftRegister> _load;

    internal NftSelector(string text, NftType type, Action<NftCompiler>? depend, Action<NftCompiler, NftRegister> load)
    {
        Text = text;
        Type = type;
        _depend = depend;
        _load = load;
    }

    /// <summary>nft's words.</summary>
    public string Text { get; }

    public NftType Type { get; }

    internal void Depend(NftCompiler compiler) => _depend?.Invoke(compiler);

    internal void Load(NftCompiler compiler, NftRegister register) => _load(compiler, register);

    /// <summary>Like: ip saddr . tcp dport.</summary>
    public NftSelector Dot(NftSelector next) => new(
        $"{Text} . {next.Text}",
        NftType.Concat([.. Parts(Type), .. Parts(next.Type)]),
        compiler =>
        {
            Depend(compiler);
            next.Depend(compiler);
        },
        (compiler, register) =>
        {
            Load(compiler, register);
            next.Load(compiler, register.Plus(Type.Length));
        });

    /// <summary>Like: ip saddr @pods.</summary>
    public NftStatement In(NftSet set) => LookupStatement($"{Text} @{set.Name}", set.Name, false);

    /// <summary>Like: ip saddr != @pods.</summary>
    public NftStatement NotIn(NftSet set) => LookupStatement($"{Text} != @{set.Name}", set.Name, true);

    /// <summary>Like: ip daddr vmap @decisions.</summary>
    public NftStatement Vmap(NftSet set) => new($"{Text} vmap @{set.Name}", compiler =>
    {
        LoadFirst(compiler);
        compiler.Add(new NftLookup(set.Name, NftRegister.First, NftRegister.Verdict));
    });

    /// <summary>Like: tcp dport vmap { 80 : accept, 443 : jump web }.</summary>
    public NftStatement Vmap(params ReadOnlySpan<NftElement> elements)
    {
        NftElement[] owned = elements.ToArray();
        return new NftStatement($"{Text} vmap {Braces(Type, NftType.Verdict, owned)}", compiler =>
        {
            LoadFirst(compiler);
            (string name, uint id) = compiler.AnonymousSet(Type, NftType.Verdict, owned);
            compiler.Add(new NftLookup(name, NftRegister.First, NftRegister.Verdict, false, id));
        });
    }

    /// <summary>What the map says. Like: ip daddr . tcp dport map @services.</summary>
    public NftMapped Map(NftSet map) => new($"{Text} map @{map.Name}", map.Data ?? throw new ArgumentException($"set {map} maps to nothing", nameof(map)), (compiler, register) =>
    {
        LoadFirst(compiler);
        compiler.Add(new NftLookup(map.Name, NftRegister.First, register));
    });

    /// <summary>Like: numgen random mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }.</summary>
    public NftMapped Map(NftType data, params ReadOnlySpan<NftElement> elements)
    {
        NftElement[] owned = elements.ToArray();
        return new NftMapped($"{Text} map {Braces(Type, data, owned)}", data, (compiler, register) =>
        {
            LoadFirst(compiler);
            (string name, uint id) = compiler.AnonymousSet(Type, data, owned);
            compiler.Add(new NftLookup(name, NftRegister.First, register, false, id));
        });
    }

    /// <summary>Like: ip saddr { 10.0.0.1, 10.1.0.0/16 }.</summary>
    public NftStatement OneOf(params ReadOnlySpan<NftElement> elements) => AnonymousStatement("", false, elements.ToArray());

    /// <summary>Like: ip saddr != { 10.0.0.1, 10.1.0.0/16 }.</summary>
    public NftStatement NoneOf(params ReadOnlySpan<NftElement> elements) => AnonymousStatement("!= ", true, elements.ToArray());

    /// <summary>Like: update @recent { ip saddr timeout 30s }. The set must be <see cref="NftSet.Dynamic"/>.</summary>
    /// <param name="timeoutMs">Milliseconds; 0: the set's own.</param>
    public NftStatement UpdateIn(NftSet set, ulong timeoutMs = 0) => DynsetStatement("update", NFT_DYNSET_OP_UPDATE, set, timeoutMs);

    /// <summary>Like: update @recent { ip saddr timeout 30s : meta priority }. A key that is there keeps its data and gets its time anew; a full map ends the rule.</summary>
    public NftStatement UpdateIn(NftSet map, NftSelector data, ulong timeoutMs = 0) => MapStatement("update", NFT_DYNSET_OP_UPDATE, map, data, timeoutMs);

    /// <summary>Like: add @seen { ip saddr }.</summary>
    /// <inheritdoc cref="UpdateIn(NftSet, ulong)"/>
    public NftStatement AddTo(NftSet set, ulong timeoutMs = 0) => DynsetStatement("add", NFT_DYNSET_OP_ADD, set, timeoutMs);

    /// <summary>Like: delete @recent { ip saddr }. Goes on whether or not it was there.</summary>
    public NftStatement DeleteFrom(NftSet set) => DynsetStatement("delete", NFT_DYNSET_OP_DELETE, set, 0);

    /// <summary>Like: delete @recent { ip saddr : meta priority }. Of a map the kernel wants data as well, and looks at the key only.</summary>
    public NftStatement DeleteFrom(NftSet map, NftSelector data) => MapStatement("delete", NFT_DYNSET_OP_DELETE, map, data, 0);

    public override string ToString() => Text;

    internal void LoadFirst(NftCompiler compiler)
    {
        Depend(compiler);
        Load(compiler, NftRegister.First);
    }

    private protected NftStatement Compare(uint op, NftBytes value, string text, Action<NftCompiler>? then = null)
    {
        string words = op switch
        {
            NFT_CMP_EQ => "",
            NFT_CMP_NEQ => "!= ",
            NFT_CMP_LT => "< ",
            NFT_CMP_LTE => "<= ",
            NFT_CMP_GT => "> ",
            _ => ">= ",
        };
        return new NftStatement($"{Text} {words}{text}", compiler =>
        {
            LoadFirst(compiler);
            compiler.Add(new NftCmp(NftRegister.First, op, value));
            then?.Invoke(compiler);
        });
    }

    /// <summary>Both ends included; values in network byte order.</summary>
    private protected NftStatement Within(NftBytes first, NftBytes last, bool inverted) => new(
        $"{Text} {(inverted ? "!= " : "")}{Type.Format(first.Span)}-{Type.Format(last.Span)}",
        compiler =>
        {
            LoadFirst(compiler);
            if (inverted)
            {
                compiler.Add(new NftRange(NftRegister.First, NFT_RANGE_NEQ, first, last));
                return;
            }

            compiler.Add(new NftCmp(NftRegister.First, NFT_CMP_GTE, first));
            compiler.Add(new NftCmp(NftRegister.First, NFT_CMP_LTE, last));
        });

    private static ReadOnlySpan<NftType> Parts(NftType type) => type.IsConcatenation ? type.Fields : new[] { type };

    private static string Braces(NftType key, NftType? data, NftElement[] elements)
    {
        var shape = new NftSet(new NftTable(NftFamily.Unspecified, ""), "", key) { Data = data };
        return $"{{ {string.Join(", ", elements.Select(e => e.ToText(shape)))} }}";
    }

    private NftStatement LookupStatement(string text, string set, bool inverted) => new(text, compiler =>
    {
        LoadFirst(compiler);
        compiler.Add(new NftLookup(set, NftRegister.First, null, inverted));
    });

    private NftStatement AnonymousStatement(string words, bool inverted, NftElement[] elements) => new($"{Text} {words}{Braces(Type, null, elements)}", compiler =>
    {
        LoadFirst(compiler);
        (string name, uint id) = compiler.AnonymousSet(Type, null, elements);
        compiler.Add(new NftLookup(name, NftRegister.First, null, inverted, id));
    });

    private NftStatement DynsetStatement(string word, uint op, NftSet set, ulong timeoutMs)
    {
        string timeout = timeoutMs == 0 ? "" : $" timeout {NftText.Duration(timeoutMs)}";
        return new NftStatement($"{word} @{set.Name} {{ {Text}{timeout} }}", compiler =>
        {
            LoadFirst(compiler);
            compiler.Add(new NftDynset(set.Name, op, NftRegister.First, null, timeoutMs));
        });
    }

    private NftStatement MapStatement(string word, uint op, NftSet map, NftSelector data, ulong timeoutMs)
    {
        string timeout = timeoutMs == 0 ? "" : $" timeout {NftText.Duration(timeoutMs)}";
        return new NftStatement($"{word} @{map.Name} {{ {Text}{timeout} : {data.Text} }}", compiler =>
        {
            NftRegister value = NftRegister.First.Plus(Type.Length);
            LoadFirst(compiler);
            data.Depend(compiler);
            data.Load(compiler, value);
            compiler.Add(new NftDynset(map.Name, op, NftRegister.First, value, timeoutMs));
        });
    }
}

/// <summary>A value that a map gives, to be used by a statement. Like: ip daddr map @services.</summary>
public sealed class NftMapped
{
    private readonly Action<NftCompiler, NftRegister> _load;

    internal NftMapped(string text, NftType type, Action<NftCompiler, NftRegister> load)
    {
        Text = text;
        Type = type;
        _load = load;
    }

    public string Text { get; }

    public NftType Type { get; }

    internal void Load(NftCompiler compiler, NftRegister register) => _load(compiler, register);
}
