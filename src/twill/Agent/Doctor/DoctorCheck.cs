namespace Twill.Agent.Doctor;

/// <summary>One question to a node. Its id stays for ever; a check that goes leaves its id unused.</summary>
/// <param name="Id">TWD001 and so on.</param>
/// <param name="Group">host, configuration, agent, pods, ways, services.</param>
/// <param name="Meaning">What is well when the check passes: one sentence.</param>
/// <param name="Look">Null: all is well.</param>
internal sealed record DoctorCheck(string Id, string Group, string Meaning, Func<DoctorFacts, Finding?> Look);
