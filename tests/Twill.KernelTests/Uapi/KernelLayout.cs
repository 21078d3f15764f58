using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace Twill.KernelTests.Uapi;

/// <summary>Compares our constants and structures with the kernel's headers, by a C program made from a table.</summary>
/// <remarks>
/// A class of constants: each public const has the name of a constant or macro in the header. A structure: each field has the kernel's
/// name, and stands at the kernel's offset. What the installed headers are too old for is named in <see cref="NotYet"/>.
/// </remarks>
internal sealed class KernelLayout
{
    private readonly List<(string Expression, long Value, string Where)> _expected = [];
    private readonly List<string> _headers = ["sys/socket.h", "stddef.h", "stdio.h", "linux/if.h", "linux/if_ether.h"];

    /// <summary>Names that the installed headers do not know; each with the kernel version that brought it.</summary>
    internal HashSet<string> NotYet { get; } = new(StringComparer.Ordinal);

    internal int Count => _expected.Count;

    /// <summary>All constants of a class.</summary>
    internal KernelLayout Constants(Type type, params string[] headers)
    {
        Include(headers);
        foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static).Where(f => f.IsLiteral && f.Name.All(c => !char.IsAsciiLetterLower(c))))
        {
            if (NotYet.Contains(field.Name)) continue;
            // A mask is written as ~bits and wider than the field it is for: compared in our width.
            string mask = field.Name.EndsWith("_MASK", StringComparison.Ordinal) ? $" & 0x{(1UL << (8 * SizeOf(field.FieldType))) - 1:x}" : "";
            Constant(field.Name + mask, Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture), type.Name);
        }

        return this;
    }

    internal KernelLayout Constant(string name, long value, string where = "")
    {
        // Compared in 32 bits: the kernel writes some unsigned numbers as negative ones.
        _expected.Add(($"((unsigned)({name}))", (uint)value, $"{where} {name}"));
        return this;
    }

    /// <summary>Size of a structure and offset of each of its fields.</summary>
    /// <param name="name">"struct ifinfomsg".</param>
    internal KernelLayout Struct<T>(string name, params string[] headers)
        where T : unmanaged
    {
        Include(headers);
        _expected.Add(($"sizeof({name})", Marshal.SizeOf<T>(), $"{typeof(T).Name} size"));
        foreach (FieldInfo field in typeof(T).GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
        {
            if (field.Name == "__pad") continue; // ours, where the compiler pads the kernel's
            _expected.Add(($"offsetof({name}, {field.Name})", (long)Marshal.OffsetOf<T>(field.Name), $"{typeof(T).Name}.{field.Name} offset"));
            _expected.Add(($"sizeof((({name} *)0)->{field.Name})", SizeOf(field.FieldType), $"{typeof(T).Name}.{field.Name} size"));
        }

        return this;
    }

    /// <summary>Compiles, runs and compares.</summary>
    /// <returns>One line for each difference; the compiler's errors if it does not compile.</returns>
    internal List<string> Differences()
    {
        if (!File.Exists("/usr/bin/cc") || !File.Exists("/usr/include/linux/rtnetlink.h")) Assert.Skip("needs a C compiler (cc) and the kernel's headers (linux-libc-dev)");
        string folder = Directory.CreateTempSubdirectory("twill-layout-").FullName;
        try
        {
            var source = new StringBuilder();
            foreach (string header in _headers) source.Append($"#include <{header}>\n");
            source.Append("int main(void) {\n");
            foreach ((string expression, _, _) in _expected) source.Append($"    printf(\"%llu\\n\", (unsigned long long)({expression}));\n");
            source.Append("}\n");
            File.WriteAllText($"{folder}/layout.c", source.ToString());
            (int compiled, string errors) = Run("/usr/bin/cc", "-w", "-o", $"{folder}/layout", $"{folder}/layout.c");
            if (compiled != 0) return [.. errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
            string[] actual = Run($"{folder}/layout").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(_expected.Count, actual.Length);
            List<string> differences = [];
            for (int i = 0; i < actual.Length; i++)
            {
                if (actual[i] != _expected[i].Value.ToString()) differences.Add($"{_expected[i].Where}: ours {_expected[i].Value}, the kernel's {actual[i]}");
            }

            return differences;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Include(string[] headers)
    {
        foreach (string header in headers)
        {
            if (!_headers.Contains(header)) _headers.Add(header);
        }
    }

    private static int SizeOf(Type type) => type.IsEnum ? Marshal.SizeOf(Enum.GetUnderlyingType(type)) : Marshal.SizeOf(type);

#pragma warning disable RS0030 // A test starts the C compiler; nothing here enters a namespace.
    private static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output : errors.GetAwaiter().GetResult());
    }
#pragma warning restore RS0030
}
