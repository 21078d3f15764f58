using Twill.Linux.Route;

namespace Twill.Linux.Packet;

/// <summary>A packet that passed an interface, as a packet socket tells it.</summary>
/// <param name="Dev">The interface, an index in the socket's namespace.</param>
/// <param name="Outgoing">It left by the interface; false: it came in.</param>
/// <param name="OtherHost">It came in with somebody else's hardware address.</param>
/// <param name="EtherType">0x0800, 0x86dd, ...; host order.</param>
/// <param name="TimeNs">Nanoseconds of the kernel's clock: for differences only.</param>
/// <param name="Length">Bytes from the network header on; may be more than was copied.</param>
public readonly record struct PacketArrival(IfIndex Dev, bool Outgoing, bool OtherHost, ushort EtherType, long TimeNs, int Length);
