using System.Globalization;
using System.IO;

namespace NetKeepAlive.Interop.Linux;

/// <summary>The numbers of sysctl(8), as files: proc_sys(5).</summary>
internal static class ProcSys
{
    internal static int Read(string name) =>
        int.Parse(File.ReadAllText(Path(name)), CultureInfo.InvariantCulture);

    internal static void Write(string name, int value) =>
        File.WriteAllText(Path(name), value.ToString(CultureInfo.InvariantCulture));

    private static string Path(string name) => "/proc/sys/" + name.Replace('.', '/');
}
