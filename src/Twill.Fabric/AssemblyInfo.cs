using System.Runtime.CompilerServices;

[assembly: CLSCompliant(false)]
[assembly: InternalsVisibleTo("Twill.Tests")]
[assembly: InternalsVisibleTo("Twill.KernelTests")]
[assembly: InternalsVisibleTo("Twill.Bench")]
