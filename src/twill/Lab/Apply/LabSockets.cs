using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.Lab.Apply;

/// <summary>Namespaces of the lab and a socket in each, opened when first needed; for one thread.</summary>
internal sealed class LabSockets : IDisposable
{
    private readonly Dictionary<string, (NetworkNamespace Network, RouteSocket Socket)> _open = new(StringComparer.Ordinal);

    internal NetworkNamespace Network(string name) => Open(name).Network;

    internal RouteSocket Socket(string name) => Open(name).Socket;

    public void Dispose()
    {
        foreach ((NetworkNamespace network, RouteSocket socket) in _open.Values)
        {
            socket.Dispose();
            network.Dispose();
        }

        _open.Clear();
    }

    /// <summary>A namespace that lives on in a handle would outlive its removal.</summary>
    internal void Forget(string name)
    {
        if (!_open.Remove(name, out (NetworkNamespace Network, RouteSocket Socket) open)) return;
        open.Socket.Dispose();
        open.Network.Dispose();
    }

    private (NetworkNamespace Network, RouteSocket Socket) Open(string name)
    {
        if (_open.TryGetValue(name, out (NetworkNamespace, RouteSocket) open)) return open;
        NetworkNamespace network = NetworkNamespace.OpenNamed(name);
        return _open[name] = (network, RouteSocket.Open(network));
    }
}
