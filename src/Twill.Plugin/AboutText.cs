using System.Reflection;
using Twill.Cni;

namespace Twill.Plugin;

/// <summary>What plugin and program say of themselves.</summary>
internal static class AboutText
{
    internal static string Version => typeof(AboutText).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    internal static string Text
    {
        get
        {
            var versions = new string[SpecVersion.Supported.Count];
            for (int i = 0; i < versions.Length; i++) versions[i] = SpecVersion.Supported[i].Text;
            return $"twill {Version}: pod networking. CNI plugin, supports CNI specification {string.Join(", ", versions)}\n";
        }
    }
}
