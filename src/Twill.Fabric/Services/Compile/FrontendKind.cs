namespace Twill.Fabric.Services.Compile;

/// <summary>What happens to a new connection.</summary>
public enum FrontendKind
{
    /// <summary>A random endpoint.</summary>
    Random,

    /// <summary>By source address and port: two packets of one socket that race get the same endpoint.</summary>
    Hash,
    Maglev,

    /// <summary>The endpoint that the client's address had before, else a random one.</summary>
    Affinity,

    /// <summary>Refused at once: there is no endpoint anywhere.</summary>
    Reject,

    /// <summary>Dropped: there are endpoints, but not on this node as the policy asks.</summary>
    Drop,
}
