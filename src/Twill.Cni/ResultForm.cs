namespace Twill.Cni;

/// <summary>The four shapes a result object has had.</summary>
/// <remarks>Source: CNI SPEC.md of 0.2.0, 0.4.0, 1.0.0 and 1.1.0, "Result".</remarks>
public enum ResultForm
{
    /// <summary>0.1.0 and 0.2.0: ip4 and ip6, each with its own routes; no interfaces.</summary>
    Ip4Ip6,

    /// <summary>0.3.0 to 0.4.0: lists, and every ip says its version, "4" or "6".</summary>
    IpsWithVersion,

    /// <summary>1.0.0: the same without the version.</summary>
    Ips,

    /// <summary>1.1.0: interfaces also have mtu, socketPath and pciID, routes also mtu, advmss, priority, table and scope.</summary>
    Full,
}
