using Twill.Fabric.Services.Model;

namespace Twill.Agent.Services;

/// <summary>Why an endpoint is used or not, in words.</summary>
internal static class EndpointWords
{
    internal static string Of(EndpointReason reason) => reason switch
    {
        EndpointReason.Used => "used",
        EndpointReason.LastResort => "used though it terminates: no other is ready",
        EndpointReason.NotReady => "not used: not ready",
        EndpointReason.Terminating => "not used: terminates",
        EndpointReason.OtherNode => "not used: on another node, and the policy is local",
        EndpointReason.OtherZone => "not used: for other zones",
        EndpointReason.HintedElsewhere => "not used: for other nodes",
        EndpointReason.NoPort => "not used: has no port of this name",
        _ => "not used: of the other family",
    };
}
