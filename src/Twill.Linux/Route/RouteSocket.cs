using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Links, addresses, routes, neighbours, rules and qdiscs of one network namespace. One thread at a time.</summary>
/// <remarks>
/// Two layers: LinkRequests, AddressRequests and their like write messages into a <see cref="NetlinkBatch"/>, so that many go out in one
/// send; the methods here write one, send it, and turn a refusal into a sentence. A Try method or a Remove answers what a caller expects
/// (there already, not there) as its value.
/// </remarks>
public sealed partial class RouteSocket : IDisposable
{
    private readonly string _where;

    private RouteSocket(NetlinkSocket netlink, string where)
    {
        Netlink = netlink;
        _where = where;
    }

    /// <summary>For batches of several messages, and for readers that do not allocate.</summary>
    public NetlinkSocket Netlink { get; }

    /// <param name="network">Where the socket belongs; null: the calling thread's namespace.</param>
    /// <exception cref="LinuxException">EPERM: not allowed to enter the namespace.</exception>
    public static RouteSocket Open(NetworkNamespace? network = null)
        => new(NetlinkSocket.Open(NetlinkUapi.NETLINK_ROUTE, network), network is null ? "" : $" in network namespace {network.Name}");

    public void Dispose() => Netlink.Dispose();

    /// <summary>Sends what is in the batch; a refusal becomes an exception.</summary>
    private void Send<T>(NetlinkBatch batch, string verb, in T subject)
    {
        NetlinkOutcome outcome = Netlink.Execute(batch);
        if (!outcome.Ok) throw Failure(verb, subject, outcome);
    }

    /// <summary>As <see cref="Send{T}"/>; up to two expected refusals are the answer false.</summary>
    private bool Try<T>(NetlinkBatch batch, string verb, in T subject, Errno expected, Errno alsoExpected = Errno.None)
    {
        NetlinkOutcome outcome = Netlink.Execute(batch);
        if (outcome.Ok) return true;
        return outcome.Errno == expected || outcome.Errno == alsoExpected ? false : throw Failure(verb, subject, outcome);
    }

    private List<T> List<T>(NetlinkBatch batch, string subject, ushort type, MessageParser<T> parse)
    {
        var reader = new ListReader<T>(type, parse);
        NetlinkOutcome outcome = Netlink.Dump(batch, ref reader);
        return outcome.Ok ? reader.Items : throw Failure("list", subject, outcome);
    }

    private NetlinkException Failure<T>(string verb, in T subject, NetlinkOutcome outcome)
        => new($"cannot {verb} {subject}{_where}", outcome, RouteAdvice.For(outcome.Errno));
}
