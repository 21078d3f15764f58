using System.Globalization;
using Twill.Agent.Install;
using Twill.Linux.Sys;

namespace Twill.Agent.Doctor;

/// <summary>Mends what checks found, and notes how to undo it, before each step, as lines of a shell script.</summary>
/// <param name="undoPath">Appended to.</param>
internal sealed class DoctorFix(string undoPath)
{
    internal const string DefaultUndo = "/var/lib/twill/undo.sh";

    /// <returns>What was done, as an administrator would type it.</returns>
    /// <exception cref="AgentException">It could not be; the undo line stands in the file all the same, and does no harm.</exception>
    internal string Mend(Mending mending)
    {
        (string done, string undo) = Words(mending);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(undoPath)!);
            File.AppendAllText(undoPath, $"{undo}\n");
            switch (mending)
            {
                case Mending.SetSysctl s: Sysctl.Write(s.Key, s.Value); break;
                case Mending.Move m: File.Move(m.From, m.To, overwrite: false); break;
                case Mending.SetMode m: File.SetUnixFileMode(m.Path, m.Mode); break;
                case Mending.WriteFile w: AtomicFile.Write(w.Path, w.Content, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead); break;
                default: throw new InvalidOperationException($"{mending} is no mending");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LinuxException)
        {
            throw new AgentException($"`{done}` failed: {e.Message}");
        }

        return done;
    }

    internal static (string Do, string Undo) Words(Mending mending) => mending switch
    {
        Mending.SetSysctl s => ($"sysctl -w {s.Key.Replace('/', '.')}={s.Value}", $"sysctl -w {s.Key.Replace('/', '.')}={s.Old}"),
        Mending.Move m => ($"mv {m.From} {m.To}", $"mv {m.To} {m.From}"),
        Mending.SetMode m => ($"chmod {Octal(m.Mode)} {m.Path}", $"chmod {Octal(m.Old)} {m.Path}"),
        Mending.WriteFile w => ($"write {w.Path}", $"rm -f {w.Path}"),
        _ => throw new InvalidOperationException($"{mending} is no mending"),
    };

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8).PadLeft(4, '0').ToString(CultureInfo.InvariantCulture);
}
