using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Darwin;

/// <summary>Every native function that the core imports: none is variadic, and what macOS has not is known by name. On
/// the simulator, which offers what macOS has and nothing else, a call of such a one ends the run, so the tests on it
/// show that no path leads there.</summary>
public sealed class ImportTests
{
    // int f(int, ...): with a fixed signature their arguments would be elsewhere on arm64.
    private static readonly HashSet<string> Variadic =
    [
        "fcntl", "ioctl", "open", "openat", "open64", "printf", "prctl", "semctl", "execl", "mq_open", "sem_open", "shm_open",
    ];

    // Behind a capability of Abi, or in what gives PlatformNotSupported there.
    private static readonly HashSet<string> LinuxOnly =
    [
        "accept4", "dup3", "recvmmsg", "sendmmsg", "statx", "syscall", // a capability of Abi decides
        "readdir", "readlinkat", "setns", "mount", // /proc, namespaces, bpffs
        "unlinkat", "chmod", "sendfile", // macOS has them, sendfile with other arguments
    ];

    [Fact]
    public void No_import_is_variadic_and_each_is_macOSs_or_known_as_Linuxs()
    {
        List<string> imports = Imports().ToList();
        Assert.Contains("sendmsg", imports);
        Assert.Empty(imports.Intersect(Variadic));
        if (DarwinSimulator.IsOn)
        {
            Assert.Equal(
                [], imports.Where(static name => !DarwinSimulator.Offers(name) && !LinuxOnly.Contains(name)));
            Assert.Equal([], LinuxOnly.Where(DarwinSimulator.Offers));
        }
        else if (CurrentPlatform.Value is Platform.Darwin)
        {
            nint system = NativeLibrary.Load("libc");
            Assert.Equal(
                [],
                imports.Where(name => !LinuxOnly.Contains(name) && !NativeLibrary.TryGetExport(system, name, out _)
                    && name != "lstat$INODE64"));
        }
    }

    // The generator of LibraryImport puts each call into a local function of a wrapper.
    private static IEnumerable<string> Imports() =>
        from type in typeof(CurrentPlatform).Assembly.GetTypes()
        from method in type.GetMethods(
            BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
            | BindingFlags.DeclaredOnly)
        let import = method.GetCustomAttribute<DllImportAttribute>()
        where import is { Value: "libc" }
        select import.EntryPoint ?? method.Name;
}
