namespace Twill.Linux.Route;

/// <summary>What a VXLAN device does with the don't-fragment bit of the outer header. Source: enum ifla_vxlan_df.</summary>
public enum VxlanDf : byte
{
    Unset,
    Set,
    Inherit,
}
