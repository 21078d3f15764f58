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

    /// <summary>Levenshtein's, two letters in the wrong order counting once.</summary>
    internal static int Distance(string a, string b)
    {
        int[] before = [], above = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int[] row = new int[b.Length + 1];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            (before, above) = (above, row);
        }

        return above[b.Length];
    }
}
