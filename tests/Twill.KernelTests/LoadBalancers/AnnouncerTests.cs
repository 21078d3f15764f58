using System.Text.RegularExpressions;
using Twill.Fabric.LoadBalancers;
using Twill.KernelTests.Harness;
using Twill.Linux.Packet;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.LoadBalancers;

/// <summary>One interface: what is put up, heard on the link, and gone by itself.</summary>
public sealed class AnnouncerTests
{
    [Theory]
    [InlineData("192.0.2.200")]
    [InlineData("2001:db8::c8")]
    public void Address_PutUpOnce_IsToldToTheLink_AndLapsesInTime(string text)
    {
        IpAddress address = IpAddress.Parse(text);
        using var host = new HostNamespace();
        using Pod pod = host.NewPod();
        host.Ip($"link add eth0 type veth peer name eth0 netns {pod.Path.Split('/')[^1]}");
        host.Ip("link set eth0 up");
        pod.Ip("link set eth0 up");
        using RouteSocket route = RouteSocket.Open(host.Network);
        using PacketSocket link = PacketSocket.Open(pod.Network);
        using var announcer = new Announcer("eth0", host.Network);

        // Each time the kernel is told anew how long: the rest is its own clock.
        for (int i = 0; i < 8; i++)
        {
            announcer.Hold(address, tell: i == 0);
            Assert.Equal($"{LeaseTimes.ValidSeconds}sec", Regex.Match(host.Ip($"addr show dev eth0 to {text}"), @"valid_lft (\S+)").Groups[1].Value);
            SpinWait.SpinUntil(() => false, LeaseTimes.LookMs);
        }

        Assert.True(SpinWait.SpinUntil(() => !IsUp(), 30_000));
        Assert.True(Heard(), "the announcement was not heard on the link");

        announcer.Hold(address, tell: false);
        announcer.Drop(address);
        Assert.False(IsUp());
        announcer.Drop(address);

        bool IsUp() => route.Addresses().Exists(a => a.Address.Address == address && a.Protocol == Announcer.Mark);

        bool Heard()
        {
            Span<byte> packet = stackalloc byte[256];
            while (link.TryReceive(packet, out PacketArrival arrival))
            {
                // What the socket gives begins behind the Ethernet header.
                if (packet[..Math.Min(arrival.Length, packet.Length)].SequenceEqual(Announcement.FrameOf(address, route.GetLink("eth0").Mac!.Value).AsSpan(14))) return true;
            }

            return false;
        }
    }
}
