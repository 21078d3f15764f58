using Twill.Linux.Route;

namespace Twill.Linux.Icmp;

/// <summary>An echo request or reply that arrived.</summary>
/// <param name="IsRequest">A request: the kernel answers it.</param>
/// <param name="Source">Whom it came from, as seen here.</param>
/// <param name="PayloadLength">Bytes behind the ICMP header.</param>
public readonly record struct EchoArrival(bool IsRequest, IpAddress Source, int PayloadLength);
