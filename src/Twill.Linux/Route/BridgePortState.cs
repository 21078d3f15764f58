using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>What a bridge port does with packets. Source: BR_STATE_* in include/uapi/linux/if_bridge.h.</summary>
public enum BridgePortState : byte
{
    Disabled = IfBridgeUapi.BR_STATE_DISABLED,
    Listening = IfBridgeUapi.BR_STATE_LISTENING,
    Learning = IfBridgeUapi.BR_STATE_LEARNING,
    Forwarding = IfBridgeUapi.BR_STATE_FORWARDING,
    Blocking = IfBridgeUapi.BR_STATE_BLOCKING,
}
