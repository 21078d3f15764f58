using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.KernelTests.LoadBalancers;

/// <summary>Looks, as often as it can, which node has an address, on a thread of its own.</summary>
internal sealed class HolderWatch : IDisposable
{
    private readonly RouteSocket[] _nodes;
    private readonly IpAddress _address;
    private readonly Thread _thread;
    private volatile bool _stop;
    private volatile int _holder = -1;
    private volatile string _problem = "";

    internal HolderWatch(IReadOnlyList<NetworkNamespace> nodes, IpAddress address)
    {
        _nodes = [.. nodes.Select(n => RouteSocket.Open(n))];
        _address = address;
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The node that had it at the last look, from 0; -1: none.</summary>
    internal int Holder => _holder;

    /// <summary>When two had it; empty: never.</summary>
    internal string Problem => _problem;

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        foreach (RouteSocket node in _nodes) node.Dispose();
    }

    private void Run()
    {
        while (!_stop)
        {
            int holder = -1;
            for (int i = 0; i < _nodes.Length; i++)
            {
                if (!Has(i)) continue;

                // The first may have lost it since it was asked: two have it only if it still does.
                if (holder >= 0 && Has(holder) && Has(i)) _problem = $"node {holder + 1} and node {i + 1} had {_address} at once";
                holder = i;
            }

            _holder = holder;
            SpinWait.SpinUntil(() => _stop, 2);
        }
    }

    private bool Has(int node) => _nodes[node].Addresses().Exists(a => a.Address.Address == _address);
}
