namespace Twill.Topo.Scene;

internal enum TextRole
{
    /// <summary>The whole in one line.</summary>
    Headline,

    /// <summary>The name of a box.</summary>
    Name,
    Address,

    /// <summary>The name of an interface, on or beside its line.</summary>
    Port,

    /// <summary>What a route is for.</summary>
    Route,

    /// <summary>Where it leads.</summary>
    Target,
    Container,
    Note,
    Problem,
}
