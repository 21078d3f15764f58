namespace Twill.Linux.Uapi;

/// <summary>Source: include/uapi/linux/if_bridge.h.</summary>
public static class IfBridgeUapi
{
    /// <summary>IFLA_BRPORT_STATE.</summary>
    public const byte BR_STATE_DISABLED = 0, BR_STATE_LISTENING = 1, BR_STATE_LEARNING = 2, BR_STATE_FORWARDING = 3;
    public const byte BR_STATE_BLOCKING = 4;
}
