namespace Twill.Lab.Model;

/// <summary>How the lab's nodes find each other's pods.</summary>
internal enum LabMode
{
    /// <summary>Each node has a route to each other node's block.</summary>
    Direct,

    /// <summary>Nodes have a default route only; the router has the routes to all blocks.</summary>
    Router,
}
