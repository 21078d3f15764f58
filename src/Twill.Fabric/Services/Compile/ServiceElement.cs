using Twill.Linux.Nft;

namespace Twill.Fabric.Services.Compile;

/// <summary>An element and where it belongs.</summary>
public readonly record struct ServiceElement(NftSet Set, NftElement Element)
{
    /// <summary>Like: add element inet twill-services services4 { 10.96.0.1 . tcp . 80 : goto random3-v4 }.</summary>
    public override string ToString() => NftText.Line(Set, Element);
}
