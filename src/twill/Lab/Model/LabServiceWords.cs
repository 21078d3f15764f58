using System.Globalization;
using Twill.Linux.Route;

namespace Twill.Lab.Model;

/// <summary>Services in the router's mark: alternative names of its loopback interface, since an alias has no room for them.</summary>
/// <remarks>
/// "twill-lab:service:web:1:80:80:30080:lb" is the service, "twill-lab:pods:web:blue,green" are its pods, in as many names as they need.
/// Like: ip -n router link show lo, the lines "altname".
/// </remarks>
internal static class LabServiceWords
{
    private const string Service = $"{LabMark.Word}:service:", Pods = $"{LabMark.Word}:pods:";

    internal static IReadOnlyList<string> Of(IEnumerable<LabServiceSpec> services) => [.. services.SelectMany(Of)];

    /// <summary>Whether a name of an interface is a word of ours.</summary>
    internal static bool Is(string name) => name.StartsWith(Service, StringComparison.Ordinal) || name.StartsWith(Pods, StringComparison.Ordinal);

    /// <returns>By number; of a service that a kill left without its own name there is nothing.</returns>
    internal static IReadOnlyList<LabServiceSpec> Read(IReadOnlyList<string> names)
    {
        var services = new List<LabServiceSpec>();
        foreach (string name in names)
        {
            if (!name.StartsWith(Service, StringComparison.Ordinal) || name[Service.Length..].Split(':') is not [var word, var number, var port, var target, var nodePort, var lb]) continue;
            if (!int.TryParse(number, CultureInfo.InvariantCulture, out int n) || !ushort.TryParse(port, CultureInfo.InvariantCulture, out ushort p) || !ushort.TryParse(target, CultureInfo.InvariantCulture, out ushort t) || !ushort.TryParse(nodePort, CultureInfo.InvariantCulture, out ushort np)) continue;
            string head = $"{Pods}{word}:";
            services.Add(new LabServiceSpec(word, n, p)
            {
                Target = t,
                NodePort = np,
                LoadBalancer = lb == "lb",
                Pods = [.. names.Where(w => w.StartsWith(head, StringComparison.Ordinal)).SelectMany(w => w[head.Length..].Split(',')).Order(StringComparer.Ordinal)],
            });
        }

        return [.. services.OrderBy(s => s.Number)];
    }

    private static IEnumerable<string> Of(LabServiceSpec service)
    {
        string head = $"{Pods}{service.Name}:", word = "";
        foreach (string pod in service.Pods)
        {
            if (word.Length + 1 + pod.Length > LinkKey.MaxAltNameBytes)
            {
                yield return word;
                word = "";
            }

            word = word.Length == 0 ? head + pod : $"{word},{pod}";
        }

        if (word.Length > 0) yield return word;
        yield return string.Create(CultureInfo.InvariantCulture, $"{Service}{service.Name}:{service.Number}:{service.Port}:{service.Target}:{service.NodePort}:{(service.LoadBalancer ? "lb" : "")}");
    }
}
