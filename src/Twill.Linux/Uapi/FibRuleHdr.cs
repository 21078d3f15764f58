namespace Twill.Linux.Uapi;

/// <summary>struct fib_rule_hdr, the header of rule messages. Source: include/uapi/linux/fib_rules.h.</summary>
public struct FibRuleHdr
{
    public byte family;
    public byte dst_len;
    public byte src_len;
    public byte tos;
    public byte table; // RT_TABLE_UNSPEC where FRA_TABLE says it
    public byte res1;
    public byte res2;
    public byte action; // FR_ACT_*
    public uint flags; // FIB_RULE_*
}
