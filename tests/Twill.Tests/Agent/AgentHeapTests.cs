using System.Runtime.CompilerServices;
using Twill.Agent;
using Xunit;

namespace Twill.Tests.Agent;

public sealed class AgentHeapTests
{
    [Fact]
    public void Rest_AfterALot_GivesItBack()
    {
        var heap = new AgentHeap();
        _ = heap.Rest();
        WeakReference left = Spend();
        Assert.True(heap.Rest());
        Assert.False(left.IsAlive);
    }

    /// <summary>Old by the time nobody knows it any more, as a list of nodes is.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Spend()
    {
        byte[][] garbage = [.. Enumerable.Range(0, 80).Select(_ => new byte[(int)(AgentHeap.WorthBytes / 64)])];
        GC.Collect(1);
        return new WeakReference(garbage);
    }
}
