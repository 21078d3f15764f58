using System.Text.Json;
using Twill.Agent.Services;
using Twill.Cli;
using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;

namespace Twill.Agent.Answers;

/// <summary>What the agent says of services: where each comes in, and why each endpoint is used or not. Fields are only added; docs/schema has the form.</summary>
internal static class ServiceJson
{
    internal const string Schema = "twill.dev/agent-services/v1";

    internal static string Services(NodeFacts facts) => JsonAnswer.Write(json =>
    {
        json.WriteString("schema", Schema);
        json.WriteString("node", facts.Settings.Node);
        json.WriteBoolean("on", facts.Services is not null);
        json.WriteBoolean("connected", facts.Services is { Reading: { Problem: null, Items: not null } });
        json.WriteString("problem", facts.Services?.Reading.Problem);
        json.WriteBoolean("inPlace", facts.Services is { InPlace: true });
        json.WriteStartArray("announced");
        foreach (AnnouncedAddress announced in facts.Services?.Announced ?? [])
        {
            json.WriteStartObject();
            json.WriteString("address", announced.Address.ToString());
            json.WriteString("holder", announced.Holder);
            json.WriteBoolean("here", announced.Here);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("services");
        if (facts.Services?.Plan is { } plan)
        {
            foreach (CompiledService service in plan.Services.Values.OrderBy(s => s.Description.ToString(), StringComparer.Ordinal)) Write(json, service, plan.Node);
        }

        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, CompiledService compiled, ServiceNode node)
    {
        ServiceDescription service = compiled.Description;
        json.WriteStartObject();
        json.WriteString("namespace", service.Namespace);
        json.WriteString("name", service.Name);
        json.WriteString("internalPolicy", service.InternalPolicy.ToString().ToLowerInvariant());
        json.WriteString("externalPolicy", service.ExternalPolicy.ToString().ToLowerInvariant());
        json.WriteNumber("affinitySeconds", service.AffinitySeconds);
        json.WriteStartArray("frontends");
        foreach (ServiceFrontend frontend in compiled.Frontends)
        {
            json.WriteStartObject();
            json.WriteString("frontend", frontend.Key.ToString());
            json.WriteString("kind", KindOf(service, frontend.Key));
            json.WriteBoolean("inside", frontend.Inside);
            json.WriteString("spread", frontend.Kind.ToString().ToLowerInvariant());
            JsonAnswer.Strings(json, "endpoints", frontend.Backends.Select(b => b.ToString()));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        JsonAnswer.Strings(json, "denied", compiled.Denied.Select(d => d.ToString()));
        json.WriteStartArray("endpoints");
        foreach (ServicePort port in service.Ports)
        {
            foreach (bool v6 in (bool[])[false, true])
            {
                foreach (EndpointUse use in EndpointSelection.Select(service, port, v6, service.InternalPolicy, node))
                {
                    if (use.Reason == EndpointReason.OtherFamily) continue;
                    json.WriteStartObject();
                    json.WriteString("address", use.Endpoint.Address.ToString());
                    json.WriteNumber("port", use.Endpoint.Ports.GetValueOrDefault(port.Name));
                    if (port.Name.Length > 0) json.WriteString("portName", port.Name);
                    json.WriteString("node", use.Endpoint.Node);
                    json.WriteString("zone", use.Endpoint.Zone);
                    json.WriteBoolean("used", use.IsUsed);
                    json.WriteString("reason", EndpointWords.Of(use.Reason));
                    json.WriteEndObject();
                }
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string KindOf(ServiceDescription service, FrontendKey key)
        => service.ClusterIps.Contains(key.Address) ? "cluster"
        : service.LoadBalancerIps.Contains(key.Address) ? "loadBalancer"
        : service.ExternalIps.Contains(key.Address) ? "external"
        : "nodePort";
}
