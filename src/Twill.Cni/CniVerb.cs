namespace Twill.Cni;

/// <summary>What the runtime asks for, the value of CNI_COMMAND.</summary>
/// <remarks>Source: CNI SPEC.md 1.1.0, section 2 "CNI operations".</remarks>
public enum CniVerb
{
    /// <summary>Make the attachment; the only verb besides VERSION that prints something on success.</summary>
    Add,

    /// <summary>Undo the attachment, as often as asked.</summary>
    Del,

    /// <summary>Compare the kernel with prevResult; since 0.4.0.</summary>
    Check,

    /// <summary>Remove what belongs to no listed attachment; since 1.1.0.</summary>
    Gc,

    /// <summary>Would an ADD be served now? Since 1.1.0.</summary>
    Status,

    /// <summary>Which versions are spoken; since 0.2.0.</summary>
    Version,
}
