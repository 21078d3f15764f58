namespace Twill.Linux.Route;

/// <summary>What became of a pair to be made.</summary>
public enum VethCreation
{
    Created,

    /// <summary>A link here has the name of this end: nothing was made.</summary>
    NameTaken,

    /// <summary>A link in the peer's namespace has the peer's name: nothing was made.</summary>
    PeerNameTaken,
}
