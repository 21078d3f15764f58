using Twill.Kube;

namespace Twill.Tests.Kube.Server;

/// <summary>An API server under contract.</summary>
internal interface IContractServer : IAsyncDisposable
{
    /// <summary>As an agent: nodes to read, leases to write, nothing else.</summary>
    KubeConfig Config { get; }

    KubeConfig ConfigWithToken(string token);

    /// <summary>Makes node number index, or changes its zone.</summary>
    Task PutAsync(int index, string zone);

    Task DeleteAsync(int index);

    /// <summary>From here on the server does not know version 1 any more.</summary>
    Task ForgetAsync();
}
