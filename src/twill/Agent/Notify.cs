using System.Net.Sockets;
using System.Text;

namespace Twill.Agent;

/// <summary>Tells the service manager how we are. Source: sd_notify(3); no library, one datagram.</summary>
/// <param name="path">Of the manager's socket (NOTIFY_SOCKET); '@' as first character means the abstract namespace; empty: nobody wants to know.</param>
internal sealed class Notify(string? path)
{
    internal static Notify FromEnvironment() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    /// <summary>How often the manager wants to hear from us at least, half of it, so that one late message costs nothing; null: never.</summary>
    internal static TimeSpan? WatchdogInterval => ulong.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), out ulong us) && us > 0
        && (Environment.GetEnvironmentVariable("WATCHDOG_PID") is not { Length: > 0 } pid || pid == Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture))
        ? TimeSpan.FromMicroseconds(us / 2.0) : null;

    internal void Ready(string status) => Send($"READY=1\nSTATUS={OneLine(status)}");

    internal void Status(string status) => Send($"STATUS={OneLine(status)}");

    internal void Alive() => Send("WATCHDOG=1");

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private void Send(string message)
    {
        if (string.IsNullOrEmpty(path)) return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(message), new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path));
        }
        catch (SocketException)
        {
            // The manager restarts, or is gone: we go on.
        }
    }
}
