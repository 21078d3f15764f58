using Twill.Linux.Netlink;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

public sealed partial class RouteSocket
{
    /// <inheritdoc cref="RuleRequests.Add"/>
    /// <returns>False: the same rule is there.</returns>
    /// <exception cref="NetlinkException">EINVAL: no table and no refusal, or host bits in a prefix. EAFNOSUPPORT: the kernel has no policy routing.</exception>
    public bool TryAddRule(in RuleSpec spec)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        RuleRequests.Add(batch, spec);
        return Try(batch, "add rule", spec, Errno.EEXIST);
    }

    /// <inheritdoc cref="RuleRequests.Remove"/>
    /// <returns>Whether there was one.</returns>
    public bool RemoveRule(in RuleSpec pattern)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        RuleRequests.Remove(batch, pattern);
        return Try(batch, "remove rule", pattern, Errno.ENOENT);
    }

    /// <inheritdoc cref="RuleRequests.Dump"/>
    public List<RuleSpec> Rules(byte family = 0)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        RuleRequests.Dump(batch, family);
        return List(batch, "rules", RtnetlinkUapi.RTM_NEWRULE, static (in NetlinkMessage m) => new RuleView(m).ToSpec());
    }
}
