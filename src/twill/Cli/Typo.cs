namespace Twill.Cli;

/// <summary>What somebody may have meant.</summary>
internal static class Typo
{
    /// <summary>Letters to change, add or drop at most.</summary>
    private const int MaxDistance = 2;

    /// <returns>The nearest candidate; null where none is near, or the word is too short to tell.</returns>
    internal static string? Nearest(string word, IEnumerable<string> candidates)
    {
        string? best = null;
        int least = Math.Min(MaxDistance, word.Length / 2) + 1;
        foreach (string candidate in candidates)
        {
            int distance = candidate.StartsWith(word, StringComparison.Ordinal) ? 1 : Distance(word, candidate);
            if (distance >= least) continue;
            least = distance;
            best = candidate;
        }

        return best;
    }

    /// <summary>Levenshtein's.</summary>
    internal static int Distance(string a, string b)
    {
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++) row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
