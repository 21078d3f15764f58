namespace Twill.Fabric.Backends;

/// <summary>How packets get to a peer's block.</summary>
public enum Way
{
    /// <summary>The way that packets take to anywhere else.</summary>
    Default,

    /// <summary>The peer's own address is the next hop.</summary>
    Direct,

    Tunnel,
}
