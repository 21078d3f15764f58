using Twill.Lab;
using Twill.Lab.Calls;
using Twill.Lab.Goal;
using Twill.Lab.State;
using Twill.Trace;

namespace Twill.Cli;

/// <summary>What trace, why and ping do: call, then print.</summary>
internal static class TraceActions
{
    internal static int Trace(TraceRequest request, bool json)
    {
        RequireRoot("trace");
        using Tracer tracer = Tracer.Open(request);
        TraceReport report = tracer.Trace(request);
        Terminal.Answer(json ? TraceJson.Trace(report) : TraceText.Draw(report, Terminal.Width, Terminal.Style));
        return report.Reaches && report.Agrees ? ExitCode.Ok : ExitCode.Problem;
    }

    /// <summary>With the address of a service, or of somebody with a port, as the one it goes to.</summary>
    internal static TraceRequest Resolved(TraceRequest request, CallTarget? target)
    {
        if (target is null) return request;
        RequireRoot("trace");
        (Linux.Route.IpAddress address, ushort port) = ServiceCaller.Resolve(LabInventory.Read(), request.From, target, request.V6);
        return request with { To = address.ToString(), Protocol = TraceProtocol.Tcp, Port = port, V6 = address.IsV6 };
    }

    internal static int Why(TraceRequest request, bool json)
    {
        RequireRoot("why");
        using Tracer tracer = Tracer.Open(null);
        var plan = new LabPlan(tracer.State.Spec with { Empty = false });
        LabState goal = LabGoal.For(plan);
        WhyReport report = new Why(tracer, new Diagnosis(tracer.State, goal, plan.Masquerade), goal).Ask(request);
        Terminal.Answer(json ? TraceJson.Why(report) : WhyText.Draw(report, Terminal.Style));
        return report.Cause is null ? ExitCode.Ok : ExitCode.Problem;
    }

    internal static int Ping(TraceRequest request, int count, bool json)
    {
        RequireRoot("ping");
        using Tracer tracer = Tracer.Open(request);
        PongReport report = tracer.Ping(request, count);
        Terminal.Answer(json ? TraceJson.Ping(report) : PongText.Draw(report, Terminal.Style));
        return report.Back == report.Pongs.Count ? ExitCode.Ok : ExitCode.Problem;
    }

    private static void RequireRoot(string verb)
    {
        if (!Linux.Sys.StandardStreams.IsRoot) throw new Lab.LabException(ExitCode.NotAllowed, $"`twill {verb}` looks into network namespaces and sends packets there, and only root may: sudo twill {verb}");
    }
}
