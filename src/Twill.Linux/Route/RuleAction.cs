using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>What a rule does. Source: FR_ACT_* in include/uapi/linux/fib_rules.h.</summary>
public enum RuleAction : byte
{
    Unspecified = FibRulesUapi.FR_ACT_UNSPEC,

    /// <summary>Look the table up; go on with the next rule where it has no route.</summary>
    Lookup = FibRulesUapi.FR_ACT_TO_TBL,
    Goto = FibRulesUapi.FR_ACT_GOTO,
    Nop = FibRulesUapi.FR_ACT_NOP,
    Blackhole = FibRulesUapi.FR_ACT_BLACKHOLE,
    Unreachable = FibRulesUapi.FR_ACT_UNREACHABLE,
    Prohibit = FibRulesUapi.FR_ACT_PROHIBIT,
}
