namespace Twill.Fabric;

/// <summary>Why something could not be done, by what the caller can do about it.</summary>
public enum FabricFault
{
    /// <summary>The configuration contradicts itself or the kernel: change it.</summary>
    Configuration,

    /// <summary>All addresses are in use: free one, or enlarge the range.</summary>
    Exhausted,

    /// <summary>The address asked for belongs to somebody else.</summary>
    AddressTaken,

    /// <summary>The interface name is taken in the pod, or the pod is attached already.</summary>
    InterfaceTaken,

    /// <summary>The port of the node asked for belongs to another pod.</summary>
    PortTaken,

    /// <summary>Somebody else is at work on the same attachment: try again.</summary>
    Busy,

    /// <summary>What should be there is not, or is different.</summary>
    Drift,

    /// <summary>An object of another owner stands in the way.</summary>
    Foreign,

    /// <summary>The pod's namespace went away, or cannot be used.</summary>
    Namespace,
}
