using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Twill.KernelTests.Harness;

/// <summary>Makes the runtime's own threads before any test enters a namespace: a thread is born in its maker's namespace, and stays there.</summary>
/// <remarks>Seen: ".NET Sockets", made by the first socket of a test inside a pod, was left in that pod. Where sockets are used inside a namespace, this room is the only excuse.</remarks>
internal static class RuntimeThreads
{
    [ModuleInitializer]
    internal static void Begin()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        ValueTask<int> pending = socket.ReceiveAsync(new byte[1].AsMemory(), SocketFlags.None);
        socket.SendTo([1], socket.LocalEndPoint!);
        pending.AsTask().Wait(TimeSpan.FromSeconds(5));
    }
}
