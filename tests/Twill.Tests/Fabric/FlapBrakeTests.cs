using Twill.Fabric.Keep;
using Xunit;

namespace Twill.Tests.Fabric;

public sealed class FlapBrakeTests
{
    [Fact]
    public void Brake_Fight_PausesDoubleToTheirBound()
    {
        var brake = new FlapBrake();
        long now = 0;
        var pauses = new List<int>();
        for (int i = 0; i < 16; i++)
        {
            Assert.True(brake.Allows("route a", now));
            (int seen, int pause, _) = brake.Repaired("route a", now, null);
            Assert.Equal(i + 1, seen);
            pauses.Add(pause);
            if (pause > 0) Assert.False(brake.Allows("route a", now + pause - 1));
            now += pause;
        }

        Assert.Equal([0, 0, 0, 0, 0, 250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000, 30000], pauses);
        Assert.True(brake.Allows("route b", 0));
    }

    [Fact]
    public void Brake_Quiet_Forgets()
    {
        var brake = new FlapBrake();
        for (int i = 0; i < 6; i++) brake.Repaired("route a", i, i == 2 ? "ip" : null);
        Assert.Equal(250, brake.WaitMs("route a", 5));
        Assert.Equal("ip", brake.Repaired("route a", 255, null).By); // a program that has ended was seen before
        Assert.Equal("tc", brake.Repaired("route a", 755, "tc").By);
        Assert.Equal((1, 0, null), brake.Repaired("route a", 755 + 1000 + FlapBrake.QuietMs + 1, null));
    }
}
