using System.Diagnostics;
using Twill.Linux.Icmp;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.KernelTests.LoadBalancers;

/// <summary>Echo requests to one address all the time, on a thread of its own: how long did nobody answer?</summary>
internal sealed class PingGaps : IDisposable
{
    private const int EveryMs = 10;
    private const ushort Id = 4078;

    private readonly EchoSocket _socket;
    private readonly Thread _thread;
    private volatile bool _stop;
    private volatile int _answers;
    private long _longest;

    internal PingGaps(NetworkNamespace from, IpAddress to)
    {
        _socket = EchoSocket.Open(from, to.IsV6);
        _thread = new Thread(() => Run(to)) { IsBackground = true };
        _thread.Start();
    }

    internal int Answers => _answers;

    /// <summary>From one answer to the next.</summary>
    internal double LongestGapMs => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _longest)).TotalMilliseconds;

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        _socket.Dispose();
    }

    private void Run(IpAddress to)
    {
        Span<bool> ready = stackalloc bool[1];
        Span<byte> payload = stackalloc byte[EchoSocket.MaxPayload];
        ushort sequence = 0;
        long last = 0;
        while (!_stop)
        {
            _socket.Send(to, Id, ++sequence, payload[..4]);
            EchoSocket.Wait([_socket], ready, EveryMs);
            while (_socket.TryReceive(payload, out EchoArrival arrival))
            {
                if (arrival.IsRequest) continue;
                long now = Stopwatch.GetTimestamp();
                if (last != 0 && now - last > Volatile.Read(ref _longest)) Volatile.Write(ref _longest, now - last);
                last = now;
                _answers++;
            }
        }
    }
}
