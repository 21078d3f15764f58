using Twill.Etcd;

namespace Twill.KernelTests.Etcd;

/// <summary>One member for a whole class of tests; each test keeps to keys of its own.</summary>
public sealed class OneMember : IDisposable
{
    public OneMember()
    {
        Etcd = new EtcdCluster(1);
        Client = Etcd.Client();
    }

    internal EtcdCluster Etcd { get; }

    internal EtcdClient Client { get; }

    public void Dispose()
    {
        Client.Dispose();
        Etcd.Dispose();
    }
}
