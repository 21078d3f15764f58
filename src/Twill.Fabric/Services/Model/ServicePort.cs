namespace Twill.Fabric.Services.Model;

/// <summary>One port of a service. Its number at the endpoints is in <see cref="EndpointDescription.Ports"/>, by name.</summary>
/// <param name="Name">Empty where a service has one port.</param>
/// <param name="NodePort">Port at the chosen addresses of each node; 0: none.</param>
public sealed record ServicePort(string Name, ServiceProtocol Protocol, ushort Port, ushort NodePort = 0);
