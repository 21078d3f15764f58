namespace Twill.Fabric.Services.Model;

/// <summary>What a service speaks; the values are those of the IP header.</summary>
public enum ServiceProtocol : byte
{
    Tcp = 6,
    Udp = 17,
    Sctp = 132,
}
