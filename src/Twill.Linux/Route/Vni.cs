namespace Twill.Linux.Route;

/// <summary>A VXLAN network identifier, 24 bits. Source: RFC 7348 section 5.</summary>
public readonly record struct Vni(uint Value)
{
    public const uint Max = 0xff_ffff;

    public override string ToString() => Value.ToString();
}
