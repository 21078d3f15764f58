using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
[assembly: CLSCompliant(false)]
[assembly: InternalsVisibleTo("Twill.Tests")]
[assembly: InternalsVisibleTo("Twill.KernelTests")]
