namespace Twill.Cni;

/// <summary>A version of the CNI specification that we speak; there is no value for any other.</summary>
/// <remarks>
/// The default value is 0.1.0, which is also what a missing cniVersion means.
/// Source: CNI SPEC.md "Version considerations"; libcni pkg/version (reconcile.go compares strings, nothing else).
/// </remarks>
public readonly record struct SpecVersion : IComparable<SpecVersion>
{
    private readonly byte _ordinal;

    private SpecVersion(byte ordinal) => _ordinal = ordinal;

    public static SpecVersion V0_1_0 => new(0);
    public static SpecVersion V0_2_0 => new(1);
    public static SpecVersion V0_3_0 => new(2);
    public static SpecVersion V0_3_1 => new(3);
    public static SpecVersion V0_4_0 => new(4);
    public static SpecVersion V1_0_0 => new(5);
    public static SpecVersion V1_1_0 => new(6);

    /// <summary>The newest we speak; for an answer when the request's version is not known.</summary>
    public static SpecVersion Newest => V1_1_0;

    /// <summary>All of them, oldest first.</summary>
    public static IReadOnlyList<SpecVersion> Supported { get; } = [V0_1_0, V0_2_0, V0_3_0, V0_3_1, V0_4_0, V1_0_0, V1_1_0];

    /// <summary>The spelling in JSON, e.g. 1.1.0.</summary>
    public string Text => _ordinal switch
    {
        0 => "0.1.0",
        1 => "0.2.0",
        2 => "0.3.0",
        3 => "0.3.1",
        4 => "0.4.0",
        5 => "1.0.0",
        _ => "1.1.0",
    };

    /// <summary>The shape in which a result is read and written.</summary>
    public ResultForm ResultForm => _ordinal switch
    {
        <= 1 => ResultForm.Ip4Ip6,
        <= 4 => ResultForm.IpsWithVersion,
        5 => ResultForm.Ips,
        _ => ResultForm.Full,
    };

    /// <summary>Exact match: neither "1.1" nor "v1.1.0" nor "1.2.0" is a version.</summary>
    public static bool TryParse(string text, out SpecVersion version)
    {
        (var known, version) = text switch
        {
            "0.1.0" => (true, V0_1_0),
            "0.2.0" => (true, V0_2_0),
            "0.3.0" => (true, V0_3_0),
            "0.3.1" => (true, V0_3_1),
            "0.4.0" => (true, V0_4_0),
            "1.0.0" => (true, V1_0_0),
            "1.1.0" => (true, V1_1_0),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>The version of a configuration; null or empty is 0.1.0.</summary>
    /// <exception cref="CniException">Code 1, with the request's and all our versions in the details.</exception>
    public static SpecVersion Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return V0_1_0;
        if (TryParse(text, out var version))
            return version;
        throw new CniException(CniErrorCode.IncompatibleVersion,
            $"incompatible CNI versions: cniVersion {CniException.Quote(text)} is not supported; use one of {SupportedText()}",
            $"config is {CniException.Quote(text)}, plugin supports [{SupportedText()}]");
    }

    /// <summary>Has this version the verb? CHECK came with 0.4.0, GC and STATUS with 1.1.0.</summary>
    public bool Allows(CniVerb verb) => verb switch
    {
        CniVerb.Check => this >= V0_4_0,
        CniVerb.Gc or CniVerb.Status => this >= V1_1_0,
        _ => true,
    };

    /// <summary>Refuses a verb that the configuration's version does not have.</summary>
    /// <exception cref="CniException">Code 1.</exception>
    public void Require(CniVerb verb)
    {
        if (!Allows(verb))
        {
            throw new CniException(CniErrorCode.IncompatibleVersion,
                $"cniVersion {Text} of the configuration does not allow {verb.ToText()}: it needs {(verb == CniVerb.Check ? "0.4.0" : "1.1.0")} or newer",
                $"config is \"{Text}\", plugin supports [{SupportedText()}]");
        }
    }

    public int CompareTo(SpecVersion other) => _ordinal.CompareTo(other._ordinal);

    public static bool operator <(SpecVersion left, SpecVersion right) => left._ordinal < right._ordinal;
    public static bool operator >(SpecVersion left, SpecVersion right) => left._ordinal > right._ordinal;
    public static bool operator <=(SpecVersion left, SpecVersion right) => left._ordinal <= right._ordinal;
    public static bool operator >=(SpecVersion left, SpecVersion right) => left._ordinal >= right._ordinal;

    public override string ToString() => Text;

    private static string SupportedText() => string.Join(", ", Supported);
}
