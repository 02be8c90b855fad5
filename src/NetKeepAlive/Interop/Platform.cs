using System;

namespace NetKeepAlive.Interop;

/// <summary>The operating systems whose socket numbers and layouts the core knows.</summary>
internal enum Platform
{
    /// <summary>Linux, with glibc or musl.</summary>
    Linux,

    /// <summary>macOS and its relatives.</summary>
    Darwin,

    /// <summary>Anything else: the module imports, and every operation says that it is not supported.</summary>
    Other,
}

/// <summary>The platform of this process.</summary>
internal static class CurrentPlatform
{
    /// <summary>The name of what an application's context (<see cref="AppContext.GetData"/>) may say instead of the
    /// system: for tests that put the calls of another platform in the place of libc.</summary>
    internal const string Forced = "NetKeepAlive.Platform";

    /// <summary>The platform this process runs on.</summary>
    internal static readonly Platform Value =
        Enum.TryParse(AppContext.GetData(Forced) as string, out Platform forced) ? forced
        : OperatingSystem.IsLinux() ? Platform.Linux
        : OperatingSystem.IsMacOS() ? Platform.Darwin
        : Platform.Other;

    /// <summary>The platform's name as a user knows it.</summary>
    internal static string Name(Platform platform) => platform switch
    {
        Platform.Linux => "Linux",
        Platform.Darwin => "macOS",
        _ => "this operating system",
    };

    /// <summary>The error for what a platform lacks.</summary>
    /// <param name="what">What is not there, as the subject of the sentence.</param>
    /// <param name="platform">Where it is not there.</param>
    internal static PlatformNotSupportedException NotSupported(string what, Platform platform) =>
        new($"{what} is not available on {Name(platform)}.");

    /// <summary>Throws <see cref="PlatformNotSupportedException"/> unless this is Linux.</summary>
    /// <param name="what">What needs Linux, as the subject of the sentence.</param>
    internal static void RequireLinux(string what)
    {
        if (Value is not Platform.Linux)
        {
            throw NotSupported(what, Value);
        }
    }
}
