using Twill.Trace;

namespace Twill.Cli;

/// <summary>What trace, why and ping do: call, then print.</summary>
internal static class TraceActions
{
    internal static int Trace(TraceRequest request, bool json)
    {
        LabActions.RequireRoot("trace");
        using Tracer tracer = Tracer.Open();
        TraceReport report = tracer.Trace(request);
        Terminal.Answer(TraceText.Draw(report, Terminal.Width, Terminal.Style));
        return report.Reaches && report.Agrees ? ExitCode.Ok : ExitCode.Problem;
    }
}
