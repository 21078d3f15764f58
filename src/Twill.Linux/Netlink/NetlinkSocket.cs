using Twill.Linux.Netns;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;

namespace Twill.Linux.Netlink;

/// <summary>A request socket to one netlink family in one network namespace. One thread at a time.</summary>
/// <remarks>
/// The kernel works on a request inside send(2) and has queued the answer when it returns, so receiving never waits: an empty
/// queue before the last acknowledgement is a protocol error, not a hang. Extended acknowledgements and strict checking are on.
/// </remarks>
public sealed unsafe class NetlinkSocket : IDisposable
{
    /// <summary>Tries for a dump that is cut across a change (NLM_F_DUMP_INTR). On a node with 500 pods and churn 43 % of link dumps are.</summary>
    public const int MaxDumpAttempts = 30;

    /// <summary>Requests larger than this need SO_SNDBUFFORCE first: the default limit of net.core.wmem_default.</summary>
    private const int DefaultSendBuffer = 200 * 1024;

    // The kernel fills dump buffers up to 32 KiB; larger than that a single message may be. Only touched pages cost.
    private readonly byte[] _receive = GC.AllocateUninitializedArray<byte>(64 * 1024);
    private readonly Descriptor _socket;
    private readonly NetlinkBatch _batch = new();
    private uint _sequence;
    private int _sendBuffer = DefaultSendBuffer;

    private NetlinkSocket(Descriptor socket) => _socket = socket;

    public int DescriptorNumber => _socket.Number;

    /// <summary>Messages sent so far that asked for an acknowledgement, which are those that change something; in sync it stands still.</summary>
    public long Changes { get; private set; }

    /// <summary>Dumps so far that a change cut across, and that were asked for again.</summary>
    public long Interruptions { get; private set; }

    /// <summary>Its address among netlink sockets, which notifications about its changes bear; 0 before the first send.</summary>
    public uint Port
    {
        get
        {
            Libc.SockAddrNl own = default;
            uint length = (uint)sizeof(Libc.SockAddrNl);
            return Libc.getsockname(_socket.Number, &own, &length) < 0 ? 0 : own.Pid;
        }
    }

    /// <summary>Bytes of the last answer's first datagram; only for tests that compare with captures.</summary>
    internal ReadOnlySpan<byte> ReceiveBuffer => _receive;

    /// <param name="protocol">NETLINK_ROUTE or NETLINK_NETFILTER.</param>
    /// <param name="network">Where the socket belongs; null: the calling thread's namespace.</param>
    public static NetlinkSocket Open(int protocol, NetworkNamespace? network = null)
    {
        Descriptor socket = OpenDescriptor(protocol, network);
        uint one = 1;
        _ = Libc.setsockopt(socket.Number, Libc.SOL_NETLINK, NetlinkUapi.NETLINK_EXT_ACK, &one, 4);
        _ = Libc.setsockopt(socket.Number, Libc.SOL_NETLINK, NetlinkUapi.NETLINK_CAP_ACK, &one, 4);
        _ = Libc.setsockopt(socket.Number, Libc.SOL_NETLINK, NetlinkUapi.NETLINK_GET_STRICT_CHK, &one, 4);
        return new NetlinkSocket(socket);
    }

    internal static Descriptor OpenDescriptor(int protocol, NetworkNamespace? network)
    {
        if (network is not null) return network.OpenSocket(Libc.AF_NETLINK, Libc.SOCK_RAW, protocol);
        int fd = Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, protocol);
        return fd < 0 ? throw new LinuxException($"cannot open a netlink socket (protocol {protocol})", Libc.LastErrno) : new Descriptor(fd);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The socket's own batch, emptied. Valid until the next call; use it at once.</summary>
    public NetlinkBatch NewBatch() => _batch.Reset(_sequence + 1);

    /// <summary>Sends all messages of the batch in one call and collects every acknowledgement.</summary>
    /// <returns>Success, or the first refused message. The kernel goes on after a refused message.</returns>
    /// <remarks>Messages without NLM_F_ACK answer only when refused, and only refusals queued before the last expected acknowledgement are seen.</remarks>
    public NetlinkOutcome Execute(NetlinkBatch batch)
    {
        var nothing = default(NoReader);
        return Execute(batch, ref nothing);
    }

    /// <summary>As the other; what the kernel answers besides acknowledgements (NLM_F_ECHO) goes to the reader.</summary>
    /// <param name="batch">Sent in one call.</param>
    /// <param name="reader">Takes the answers.</param>
    /// <param name="refusals">Takes every refusal, where the first alone is not enough.</param>
    public NetlinkOutcome Execute<T>(NetlinkBatch batch, ref T reader, ICollection<NetlinkOutcome>? refusals = null)
        where T : INetlinkReader
    {
        Send(batch);
        NetlinkOutcome first = NetlinkOutcome.Success;
        for (int acks = 0; acks < batch.AcksExpected;)
        {
            ReadOnlySpan<byte> rest = Receive(out bool empty);
            if (empty) throw new NetlinkProtocolException($"{batch.AcksExpected - acks} of {batch.AcksExpected} acknowledgements are missing");
            while (NetlinkMessage.TryRead(ref rest, out NetlinkMessage message))
            {
                if (!IsOf(batch, message)) continue;
                if (message.Type != NetlinkUapi.NLMSG_ERROR)
                {
                    reader.Read(message);
                    continue;
                }

                NetlinkOutcome outcome = message.ReadError(batch.FirstSequence);
                acks++;
                if (outcome.Ok) continue;
                refusals?.Add(outcome);
                if (first.Ok) first = outcome;
            }
        }

        return first;
    }

    /// <summary>Sends the batch and reads whatever is answered until the queue is empty: for nfnetlink, whose batch answers as a whole.</summary>
    /// <returns>Success, or the first refusal.</returns>
    /// <remarks>
    /// More refusals than the receive queue holds (about 280) are dropped by the kernel, which then says ENOBUFS once. The first
    /// ones are queued all the same; a batch of which only ENOBUFS is known was refused too.
    /// </remarks>
    public NetlinkOutcome ExecuteAndDrain<T>(NetlinkBatch batch, ref T reader)
        where T : INetlinkReader
    {
        Send(batch);
        NetlinkOutcome first = NetlinkOutcome.Success;
        bool dropped = false;
        while (true)
        {
            ReadOnlySpan<byte> rest = Receive(out bool empty, out bool overrun);
            dropped |= overrun;
            if (empty) return first.Ok && dropped ? new NetlinkOutcome(Errno.ENOBUFS) : first;
            while (NetlinkMessage.TryRead(ref rest, out NetlinkMessage message))
            {
                if (!IsOf(batch, message)) continue;
                if (message.Type != NetlinkUapi.NLMSG_ERROR)
                {
                    reader.Read(message);
                    continue;
                }

                NetlinkOutcome outcome = message.ReadError(batch.FirstSequence);
                if (!outcome.Ok && first.Ok) first = outcome;
            }
        }
    }

    /// <summary>Sends one request without NLM_F_ACK and NLM_F_DUMP and reads its single answer.</summary>
    /// <returns>Success after one answer, or the refusal (ENODEV, ENOENT: not there).</returns>
    public NetlinkOutcome Query<T>(NetlinkBatch batch, ref T reader)
        where T : INetlinkReader
    {
        reader.Restart();
        Send(batch);
        while (true)
        {
            ReadOnlySpan<byte> rest = Receive(out bool empty);
            if (empty) throw new NetlinkProtocolException("no answer to a query");
            while (NetlinkMessage.TryRead(ref rest, out NetlinkMessage message))
            {
                if (!IsOf(batch, message)) continue;
                if (message.Type == NetlinkUapi.NLMSG_ERROR) return message.ReadError(batch.FirstSequence);
                reader.Read(message);
                return NetlinkOutcome.Success;
            }
        }
    }

    /// <summary>Sends one dump request (flags with NLM_F_DUMP) and reads all of its answer; asks again when a change cut across it.</summary>
    /// <returns>Success: the reader holds one whole answer. EINTR after <see cref="MaxDumpAttempts"/>: never act on what was read.</returns>
    public NetlinkOutcome Dump<T>(NetlinkBatch batch, ref T reader)
        where T : INetlinkReader
    {
        for (int attempt = 0; attempt < MaxDumpAttempts; attempt++)
        {
            reader.Restart();
            Send(batch);
            bool interrupted;
            NetlinkOutcome outcome;
            try
            {
                outcome = ReadDump(batch, ref reader, out interrupted);
            }
            catch
            {
                // The kernel goes on with the dump as we receive, and answers EBUSY to the next until it is through.
                Drain();
                throw;
            }

            if (!interrupted) return outcome;
            Interruptions++;
        }

        return new NetlinkOutcome(Errno.EINTR, 0, $"the table changed during each of {MaxDumpAttempts} dumps");
    }

    /// <summary>The batch is sent by somebody else through this socket: its sequence numbers are used up.</summary>
    internal void Surrender(NetlinkBatch batch)
    {
        batch.EndMessage();
        _sequence = batch.FirstSequence + (uint)batch.Count;
    }

    /// <summary>Forces the send buffer, so that one batch of this size goes out whole.</summary>
    internal void EnsureSendBuffer(int bytes)
    {
        if (bytes <= _sendBuffer) return;
        int size = bytes;
        if (Libc.setsockopt(_socket.Number, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, &size, 4) < 0) throw new LinuxException($"cannot send {bytes} bytes of netlink at once", Libc.LastErrno);
        _sendBuffer = bytes;
    }

    private static bool IsOf(NetlinkBatch batch, in NetlinkMessage message) => message.Sequence - batch.FirstSequence < (uint)batch.Count;

    private NetlinkOutcome ReadDump<T>(NetlinkBatch batch, ref T reader, out bool interrupted)
        where T : INetlinkReader
    {
        interrupted = false;
        while (true)
        {
            ReadOnlySpan<byte> rest = Receive(out bool empty);
            if (empty) throw new NetlinkProtocolException("a dump ended without its closing message");
            while (NetlinkMessage.TryRead(ref rest, out NetlinkMessage message))
            {
                if (!IsOf(batch, message)) continue;
                interrupted |= (message.Flags & NetlinkUapi.NLM_F_DUMP_INTR) != 0;
                if (message.Type == NetlinkUapi.NLMSG_ERROR) return message.ReadError(batch.FirstSequence);
                if (message.Type == NetlinkUapi.NLMSG_DONE) return message.ReadDone();
                reader.Read(message);
            }
        }
    }

    private void Send(NetlinkBatch batch)
    {
        Surrender(batch);
        EnsureSendBuffer(batch.Length);
        Changes += batch.AcksExpected;
        var kernel = new Libc.SockAddrNl { Family = Libc.AF_NETLINK };
        fixed (byte* p = batch.Buffer)
        {
            while (true)
            {
                nint sent = Libc.sendto(_socket.Number, p, (nuint)batch.Length, 0, &kernel, (uint)sizeof(Libc.SockAddrNl));
                if (sent == batch.Length) return;
                Errno errno = sent < 0 ? Libc.LastErrno : Errno.EMSGSIZE;
                if (errno != Errno.EINTR) throw new LinuxException($"cannot send {batch.Length} bytes of netlink", errno);
            }
        }
    }

    private void Drain()
    {
        bool empty;
        do Receive(out empty);
        while (!empty);
    }

    private ReadOnlySpan<byte> Receive(out bool empty)
    {
        ReadOnlySpan<byte> datagram = Receive(out empty, out bool overrun);
        return overrun ? throw new LinuxException("cannot receive from netlink", Errno.ENOBUFS) : datagram;
    }

    private ReadOnlySpan<byte> Receive(out bool empty, out bool overrun)
    {
        empty = overrun = false;
        Libc.SockAddrNl sender = default;
        while (true)
        {
            uint length = (uint)sizeof(Libc.SockAddrNl);
            nint n;
            fixed (byte* p = _receive) n = Libc.recvfrom(_socket.Number, p, (nuint)_receive.Length, Libc.MSG_TRUNC | Libc.MSG_DONTWAIT, &sender, &length);
            if (n < 0)
            {
                Errno errno = Libc.LastErrno;
                if (errno == Errno.EINTR) continue;
                empty = errno == Errno.EAGAIN;
                overrun = errno == Errno.ENOBUFS;
                return empty || overrun ? [] : throw new LinuxException("cannot receive from netlink", errno);
            }

            if (sender.Pid != 0) continue; // only the kernel is believed
            if (n > _receive.Length) throw new NetlinkProtocolException($"a netlink answer of {n} bytes does not fit {_receive.Length}");
            return _receive.AsSpan(0, (int)n);
        }
    }
}
