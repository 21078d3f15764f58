using System.Runtime.CompilerServices;

[assembly: CLSCompliant(false)]
[assembly: InternalsVisibleTo("twill")]
[assembly: InternalsVisibleTo("Twill.Tests")]
[assembly: InternalsVisibleTo("Twill.KernelTests")]
