namespace Twill.Cli;

/// <summary>A word that could stand next, and what it means. One that begins with a colon tells the shell to complete by itself.</summary>
internal sealed record Candidate(string Word, string Meaning = "")
{
    /// <summary>What `twill complete` prints.</summary>
    internal string Line => Meaning.Length == 0 ? Word : $"{Word}\t{Meaning}";
}
