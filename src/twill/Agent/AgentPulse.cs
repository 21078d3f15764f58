using Twill.Fabric.Keep;

namespace Twill.Agent;

/// <summary>Whether the keeper's thread still goes round: called, it must have gone round by the next time we look.</summary>
internal sealed class AgentPulse
{
    private long _seen = -1;

    /// <returns>True: it went round since the last call of this method, or nothing is kept yet.</returns>
    internal bool Feel(NodeKeeper? keeper)
    {
        if (keeper is null) return true;
        long rounds = keeper.Rounds;
        bool alive = rounds != _seen;
        _seen = rounds;
        keeper.Nudge();
        return alive;
    }
}
