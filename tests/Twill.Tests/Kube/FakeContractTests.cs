using Twill.Kube;
using Twill.Tests.Kube.Server;

namespace Twill.Tests.Kube;

/// <summary>The contract, kept by the server in this process.</summary>
public sealed class FakeContractTests : KubeContract
{
    internal override Task<IContractServer> StartAsync() => Task.FromResult<IContractServer>(new Adapter());

    private sealed class Adapter : IContractServer
    {
        private readonly FakeApi _api = new();
        private readonly FakeApiServer _server;

        public Adapter() => _server = new FakeApiServer(_api) { Token = "agents" };

        public KubeConfig Config => ConfigWithToken("agents");

        public KubeConfig ConfigWithToken(string token) => new() { Server = _server.Address, Token = token };

        public Task PutAsync(int index, string zone)
        {
            InformerTests.Put(_api, index, 0, zone);
            return Task.CompletedTask;
        }

        public Task DeleteAsync(int index)
        {
            _api.Delete(InformerTests.Name(index));
            return Task.CompletedTask;
        }

        public Task ForgetAsync()
        {
            _api.Compact();
            _server.CutAll();
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
