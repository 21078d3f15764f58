namespace Twill.Fabric.Keep;

/// <summary>What a keeper has done so far. Written by its thread, read by any.</summary>
/// <param name="Passes">Times something was to be done.</param>
/// <param name="Writes">Netlink messages that change something, and nftables transactions.</param>
/// <param name="Applied">Steps that followed a change of the cluster.</param>
/// <param name="Repairs">Steps that put back what others changed.</param>
/// <param name="Held">Repairs put off, because somebody fights over the object.</param>
/// <param name="Failures">Steps and looks that the kernel refused.</param>
/// <param name="Overruns">Times the kernel dropped notifications, so that everything was looked at again.</param>
/// <param name="Audits">Looks without a cause.</param>
/// <param name="Looks">Passes that asked the kernel for everything that a plan is about.</param>
/// <param name="Interrupted">Dumps that a change cut across, so that they were asked for again.</param>
/// <param name="TableWrites">Transactions with the node's nftables table.</param>
/// <param name="TableSeconds">How long all of them took.</param>
public sealed record KeeperCounters(long Passes = 0, long Writes = 0, long Applied = 0, long Repairs = 0, long Held = 0, long Failures = 0, long Overruns = 0, long Audits = 0, long Looks = 0, long Interrupted = 0, long TableWrites = 0, double TableSeconds = 0);
