using Twill.Cni;

namespace Twill.Plugin;

/// <summary>host-local's "resolvConf": a resolver file whose contents become the result's dns.</summary>
/// <remarks>Source: man 5 resolv.conf. "domain" and "search": the last line of each counts; comments begin with # or ;.</remarks>
internal static class ResolvConf
{
    private const int MaxLines = 1000;

    /// <exception cref="CniException">5: the file cannot be read.</exception>
    internal static CniDns Read(string path)
    {
        var nameservers = new List<string>();
        var search = new List<string>();
        var options = new List<string>();
        string? domain = null;
        try
        {
            int count = 0;
            foreach (string raw in File.ReadLines(path))
            {
                if (++count > MaxLines) break;
                string line = raw.Trim();
                if (line.Length == 0 || line[0] is '#' or ';') continue;
                string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length < 2) continue;
                switch (words[0])
                {
                    case "nameserver": nameservers.Add(words[1]); break;
                    case "domain": domain = words[1]; break;
                    case "search": search = [.. words[1..]]; break;
                    case "options": options.AddRange(words[1..]); break;
                    default: break;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CniException(CniErrorCode.IOFailure, $"ipam.resolvConf {CniException.Quote(path)} cannot be read: {e.Message}");
        }

        return new CniDns { Nameservers = nameservers, Domain = domain, Search = search, Options = options };
    }
}
