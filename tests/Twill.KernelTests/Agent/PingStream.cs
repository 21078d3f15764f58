using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using Twill.Linux.Icmp;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.KernelTests.Agent;

/// <summary>Echo requests from pod to pod, one after the other's time, on a thread of its own; every one is expected back.</summary>
internal sealed class PingStream : IDisposable
{
    private const ushort Id = 4077;

    /// <summary>After the last request, milliseconds for what is still under way.</summary>
    private const int DrainMs = 2000;

    private readonly EchoSocket _near, _far;
    private readonly Thread _thread;
    private readonly ConcurrentDictionary<uint, bool> _back = new();
    private volatile bool _stop;
    private int _sent, _strangers;

    internal PingStream(NetworkNamespace from, NetworkNamespace to, IpAddress source, IpAddress address, int everyMs)
    {
        _near = EchoSocket.Open(from, address.IsV6);
        _far = EchoSocket.Open(to, address.IsV6);
        _thread = new Thread(() => Run(source, address, everyMs)) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Ends the stream.</summary>
    /// <returns>How many were sent, how many of those did not come back, and how many arrived with another source than the pod's own.</returns>
    internal (int Sent, int Lost, int Translated) Finish()
    {
        _stop = true;
        _thread.Join();
        return (_sent, _sent - _back.Count, _strangers);
    }

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        _near.Dispose();
        _far.Dispose();
    }

    private void Run(IpAddress source, IpAddress address, int everyMs)
    {
        long start = Stopwatch.GetTimestamp(), stopped = 0;
        long next = 0;
        Span<bool> ready = stackalloc bool[2];
        Span<byte> number = stackalloc byte[sizeof(uint)];
        Span<byte> payload = stackalloc byte[EchoSocket.MaxPayload];
        while (true)
        {
            double now = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (!_stop && _sent < ushort.MaxValue && now >= next)
            {
                BinaryPrimitives.WriteUInt32BigEndian(number, (uint)++_sent);
                _near.Send(address, Id, (ushort)_sent, number);
                next += everyMs;
            }

            if (_stop && stopped == 0) stopped = Stopwatch.GetTimestamp();
            if (stopped != 0 && (_back.Count == _sent || Stopwatch.GetElapsedTime(stopped).TotalMilliseconds > DrainMs)) return;
            if (EchoSocket.Wait([_near, _far], ready, _stop ? 50 : (int)Math.Clamp(next - now, 0, everyMs)) == 0) continue;
            while (_far.TryReceive(payload, out EchoArrival arrival))
            {
                if (arrival.IsRequest && arrival.Source != source) _strangers++;
            }

            while (_near.TryReceive(payload, out EchoArrival arrival))
            {
                if (!arrival.IsRequest && arrival.PayloadLength == number.Length) _back[BinaryPrimitives.ReadUInt32BigEndian(payload)] = true;
            }
        }
    }
}
