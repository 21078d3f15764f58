namespace Twill.Cni;

/// <summary>Codes of the error object. 0 to 99 belong to the specification, 100 and up to us.</summary>
/// <remarks>Source: CNI SPEC.md 1.1.0, section 5 "Error"; 8 and 999: libcni pkg/types/types.go.</remarks>
public static class CniErrorCode
{
    /// <summary>We do not speak the configuration's cniVersion, or that version has not the verb.</summary>
    public const int IncompatibleVersion = 1;

    /// <summary>A field that we know and cannot honour; key and value are in the message.</summary>
    public const int UnsupportedField = 2;

    /// <summary>The container is unknown or gone. The runtime may then skip DEL: only where nothing needs cleaning.</summary>
    public const int UnknownContainer = 3;

    /// <summary>CNI_ variables missing or wrong; the message has all their names.</summary>
    public const int InvalidEnvironment = 4;

    /// <summary>stdin could not be read, or another I/O failure.</summary>
    public const int IOFailure = 5;

    /// <summary>stdin is not one JSON object in UTF-8.</summary>
    public const int DecodingFailure = 6;

    /// <summary>The configuration is JSON but not valid; field and value are in the message.</summary>
    public const int InvalidConfig = 7;

    /// <summary>CNI_NETNS is the namespace the plugin itself runs in.</summary>
    public const int InvalidNetNs = 8;

    /// <summary>A transient condition, such as a range without a free address: the runtime should try again later.</summary>
    public const int TryAgainLater = 11;

    /// <summary>STATUS: an ADD would not be served now.</summary>
    public const int NotAvailable = 50;

    /// <summary>STATUS: the same, and existing containers may have limited connectivity.</summary>
    public const int LimitedConnectivity = 51;

    /// <summary>The interface, or the requested address, is there already.</summary>
    public const int AlreadyExists = 101;

    /// <summary>CHECK: the kernel differs from prevResult.</summary>
    public const int CheckFailed = 102;

    /// <summary>The kernel refused; its errno and its words are in message and details.</summary>
    public const int KernelRefused = 103;

    /// <summary>A delegated plugin failed without an error object of its own.</summary>
    public const int DelegateFailed = 104;

    /// <summary>An impossible state: a bug of ours.</summary>
    public const int Internal = 999;
}
