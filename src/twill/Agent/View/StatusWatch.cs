using Twill.Cli;
using Twill.Linux.Netlink;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Agent.View;

/// <summary>Shows a node's status anew whenever something on it is different, and is quiet otherwise. It sleeps until the kernel or the agent says something.</summary>
/// <param name="agent">Asked for its next event on a thread of its own.</param>
/// <param name="read">The status now.</param>
internal sealed class StatusWatch(AgentClient agent, Func<StatusReport> read)
{
    /// <summary>So often it looks without having heard anything, in milliseconds: files and sysctls say nothing, and an agent that comes does not either.</summary>
    private const int LookMs = 5_000;

    /// <summary>A change comes as several notifications: once nothing came for so long, or so many came, it looks.</summary>
    private const int QuietMs = 40, MaxDatagrams = 128;

    private const RouteGroups Groups = RouteGroups.Links | RouteGroups.Addresses | RouteGroups.Routes | RouteGroups.Settings;

    /// <summary>The thread that calls it may outlive a watch, and the program does not outlive either.</summary>
    private static readonly WakeUp s_wake = new();
    private volatile bool _following;
    private string? _trouble;

    /// <param name="show">False: nobody reads any more.</param>
    /// <param name="say">Told once each time when the agent is there and does not answer; then it is asked again.</param>
    /// <returns>What was shown last.</returns>
    internal StatusReport Run(Func<StatusReport, bool> show, Action<string> say)
    {
        using NetlinkMonitor links = RouteMonitor.Open(Groups);
        using NftMonitor tables = NftMonitor.OpenChanges();
        string shown = "";
        while (true)
        {
            // Listening already: what changes while we read is heard, and read again.
            if (Read(say) is not { } report)
            {
                shown = "";
                Hear(links, tables);
                continue;
            }

            string signature = report.Signature();
            if (signature != shown && !show(report)) return report;
            shown = signature;
            if (report.Agent is { } status && !_following) Follow(status.GetProperty("lastEvent").GetInt64());
            Hear(links, tables);
        }
    }

    private StatusReport? Read(Action<string> say)
    {
        try
        {
            StatusReport report = read();
            _trouble = null;
            return report;
        }
        catch (AgentException e) when (e.Code == ExitCode.TimeOut)
        {
            if (_trouble != e.Message) say(e.Message);
            _trouble = e.Message;
            return null;
        }
    }

    private void Hear(NetlinkMonitor links, NftMonitor tables)
    {
        uint ready = Readiness.Wait([links.DescriptorNumber, tables.DescriptorNumber, s_wake.DescriptorNumber], LookMs);
        var deaf = new Deaf();
        List<NftEvent> events = [];
        for (int i = 0; ready != 0 && i < MaxDatagrams; i++)
        {
            if ((ready & 1) != 0) links.Wait(0, ref deaf);
            if ((ready & 2) != 0) tables.Wait(0, events);
            if ((ready & 4) != 0) s_wake.Clear();
            ready = Readiness.Wait([links.DescriptorNumber, tables.DescriptorNumber, s_wake.DescriptorNumber], QuietMs);
        }
    }

    /// <summary>Until there is no agent any more.</summary>
    private void Follow(long after)
    {
        _following = true;
        new Thread(() =>
        {
            try
            {
                while (agent.Events(after, wait: true) is { } events)
                {
                    using (events) after = EventText.Last(events.RootElement, after);
                    s_wake.Call();
                }
            }
            catch (AgentException)
            {
                // It hangs, or went in the middle of its answer: the next look says so.
            }

            _following = false;
            s_wake.Call();
        })
        { IsBackground = true, Name = "events" }.Start();
    }

    /// <summary>That something changed is enough.</summary>
    private readonly struct Deaf : INetlinkReader
    {
        public void Restart()
        {
        }

        public void Read(in NetlinkMessage message)
        {
        }
    }
}
