namespace Twill.Trace;

/// <summary>What kind of packet is sent.</summary>
internal enum TraceProtocol
{
    /// <summary>An echo request, of the addresses' family.</summary>
    Icmp,

    /// <summary>A SYN.</summary>
    Tcp,

    Udp,
}
