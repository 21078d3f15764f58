namespace Twill.Linux.Nft;

/// <summary>One piece of a rule: the words nft has for it, and how it becomes expressions.</summary>
/// <remarks>Made by <see cref="Nft"/>. Two statements with the same words are the same statement.</remarks>
public sealed class NftStatement : IEquatable<NftStatement>
{
    private readonly Action<NftCompiler> _compile;

    internal NftStatement(string text, Action<NftCompiler> compile)
    {
        Text = text;
        _compile = compile;
    }

    /// <summary>Like: ip daddr != 10.244.0.0/16.</summary>
    public string Text { get; }

    internal void Compile(NftCompiler compiler) => _compile(compiler);

    public bool Equals(NftStatement? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as NftStatement);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}
