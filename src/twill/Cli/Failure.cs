using Twill.Agent;
using Twill.Fabric;
using Twill.Lab;
using Twill.Linux.Sys;

namespace Twill.Cli;

/// <summary>An exception becomes one sentence on stderr and an exit code, here and nowhere else.</summary>
internal static class Failure
{
    internal static int Report(Exception e)
    {
        (int code, string text) = Describe(e);
        Terminal.Say($"twill: {text}");
        return code;
    }

    internal static (int Code, string Text) Describe(Exception e) => e switch
    {
        LabException lab => (lab.Code, lab.Message),
        AgentException agent => (agent.Code, agent.Message),
        FabricException fabric => (ExitCode.Problem, fabric.Message),
        LinuxException { Errno: Errno.EPERM or Errno.EACCES } linux => (ExitCode.NotAllowed, $"{linux.Message}; this needs CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW, which root has, and root in a container only if it is privileged"),
        LinuxException linux => (ExitCode.Problem, linux.Message),
        _ => (ExitCode.Internal, $"a bug in twill: {e}"),
    };
}
