using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Tests;

/// <summary>
/// macOS's socket calls on Linux (tests/simulator/darwin.c). A run with <see cref="Switch"/> set to 1 in its environment
/// has the core believe that this is macOS, and gives it the simulator in the place of libc; so the same tests run on
/// both.
/// </summary>
internal static partial class DarwinSimulator
{
    /// <summary>The variable of the environment that asks for it.</summary>
    internal const string Switch = "NETKEEPALIVE_SIMULATE_DARWIN";

    private static nint _library;

    /// <summary>Is this run on the simulator?</summary>
    internal static bool IsOn { get; private set; }

    /// <summary>A library of the simulator, built by cc; no test can run on it where there is none.</summary>
    /// <param name="name">Its name: darwin for what the core calls, darwin-runtime for what .NET calls by itself.</param>
    /// <param name="options">More options of cc.</param>
    /// <returns>The library; the caller deletes it.</returns>
    internal static string Build(string name, params string[] options)
    {
        string source = Path.Combine(AppContext.BaseDirectory, $"{name}.c");
        string library = Path.Combine(AppContext.BaseDirectory, $"lib{name}.{Environment.ProcessId}.so");
        using Process compiler = Process.Start(
            "cc", [.. options, "-shared", "-fPIC", "-O1", "-Wall", "-o", library, source]);
        compiler.WaitForExit();
        return compiler.ExitCode == 0
            ? library
            : throw new InvalidOperationException($"cc could not build {source}: its words stand above.");
    }

    // Before anything of the core is touched: its platform is chosen once.
    [ModuleInitializer]
    internal static void Start()
    {
        if (Environment.GetEnvironmentVariable(Switch) != "1")
        {
            return;
        }

        IsOn = true;
        AppContext.SetData(CurrentPlatform.Forced, nameof(Platform.Darwin));
        string library = Build("darwin", "-nodefaultlibs", "-fvisibility=hidden");
        nint simulator = _library = NativeLibrary.Load(library);
        File.Delete(library);
        NativeLibrary.SetDllImportResolver(
            typeof(CurrentPlatform).Assembly,
            (name, _, _) => name == "libc" ? simulator : 0);
        AppDomain.CurrentDomain.FirstChanceException += EndOnMissing;
        NativeLibrary.SetDllImportResolver(
            typeof(DarwinSimulator).Assembly,
            (name, _, _) => name == "darwin" ? simulator : 0);
    }

    // A path to what macOS has not, or has with other arguments, is a fault, though somebody may catch what it throws
    // here: there it may be called.
    private static void EndOnMissing(object? sender, FirstChanceExceptionEventArgs args)
    {
        if (args.Exception is EntryPointNotFoundException missing)
        {
            Environment.FailFast($"A path of macOS's leads to a call that it has not: {missing}");
        }
    }

    /// <summary>Has macOS, as far as the simulator goes, a function of this name?</summary>
    internal static bool Offers(string name) => NativeLibrary.TryGetExport(_library, name, out _);

    /// <summary>The next call of this name fails with this error.</summary>
    internal static void FailNext(string call, Errno error) => _ = simulator_fail_next(call, error.Darwin);

    [LibraryImport("darwin", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int simulator_fail_next(string call, int errno);

    /// <summary>bind(2) as a program calls it that knows no limit of 103 bytes.</summary>
    [LibraryImport("darwin", EntryPoint = "bind")]
    internal static unsafe partial int Bind(SafeHandle socket, byte* address, uint length);
}
