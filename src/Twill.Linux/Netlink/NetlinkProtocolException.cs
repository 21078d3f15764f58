namespace Twill.Linux.Netlink;

/// <summary>Bytes from the kernel that do not have the form they must have: too short, or a length that leaves its bounds.</summary>
public sealed class NetlinkProtocolException(string message) : Exception(message);
