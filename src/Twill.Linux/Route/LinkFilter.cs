namespace Twill.Linux.Route;

/// <summary>Which links a dump answers; null lets all pass.</summary>
/// <param name="Kind">"veth", "bridge", "vxlan".</param>
public readonly record struct LinkFilter(IfIndex? Master = null, string? Kind = null);
