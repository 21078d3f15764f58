using Twill.Kube;

namespace Twill.Tests.Kube.Server;

/// <summary>The server in this process, as contracts see one.</summary>
internal sealed class FakeContractServer : IContractServer
{
    private const string Token = "agents";

    private readonly FakeApi _api = new();
    private readonly TestCertificates? _authority;
    private readonly string? _caFile;

    /// <param name="folder">Where the authority of its certificate is written; null: it serves without TLS.</param>
    public FakeContractServer(string? folder = null)
    {
        if (folder is not null)
        {
            _authority = new TestCertificates();
            _caFile = Path.Combine(folder, "ca.crt");
            File.WriteAllText(_caFile, _authority.AuthorityPem);
        }

        Server = new FakeApiServer(_api, _authority?.Issue("api")) { Token = Token };
    }

    public FakeApiServer Server { get; }

    public KubeConfig Config => ConfigWithToken(Token);

    public KubeConfig ConfigWithToken(string token) => new() { Server = Server.Address, Token = token, CaFile = _caFile };

    public Task PutAsync(int index, string zone)
    {
        _api.Put(NodeJson.Name(index), v => NodeJson.Of(NodeJson.Name(index), v, index, 0, zone));
        return Task.CompletedTask;
    }

    public Task DeleteAsync(int index)
    {
        _api.Delete(NodeJson.Name(index));
        return Task.CompletedTask;
    }

    public Task ForgetAsync()
    {
        _api.Compact();
        Server.CutAll();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _authority?.Dispose();
    }
}
