namespace Twill.Linux.Route;

/// <summary>Largest packet of an interface or a path, in bytes from the IP header on.</summary>
public readonly record struct Mtu(int Value)
{
    public static Mtu Ethernet => new(1500);

    public override string ToString() => Value.ToString();
}
