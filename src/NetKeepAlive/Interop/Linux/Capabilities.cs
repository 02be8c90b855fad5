using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NetKeepAlive.Interop.Linux;

/// <summary>What this thread may, by capabilities(7), and what else of a sandbox keeps it from system calls.</summary>
internal static class Capabilities
{
    /// <summary>By the bits of <c>linux/capability.h</c>.</summary>
    internal enum Capability
    {
        CAP_NET_ADMIN = 12,
        CAP_SYS_ADMIN = 21,

        /// <summary>Since Linux 5.8.</summary>
        CAP_BPF = 39,
    }

    // linux/proc_ns.h: PROC_USER_INIT_INO, the user namespace that the system starts with.
    private const string FirstUserNamespace = "user:[4026531837]";

    /// <summary>Do the capabilities of this process count for the system only within a user namespace of a
    /// container?</summary>
    internal static bool IsInUserNamespace =>
        new FileInfo("/proc/self/ns/user").LinkTarget is { } name && name != FirstUserNamespace;

    /// <summary>Does a seccomp filter watch its system calls?</summary>
    internal static bool IsFiltered => Status("Seccomp:") == "2";

    /// <summary>Those of some that are missing.</summary>
    internal static IReadOnlyList<Capability> Missing(params Capability[] needed)
    {
        ulong held = ulong.TryParse(
            Status("CapEff:"), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong bits) ? bits : 0;
        // CAP_SYS_ADMIN still stands for what was taken out of it.
        return Has(held, Capability.CAP_SYS_ADMIN) ? [] : needed.Where(it => !Has(held, it)).ToList();
    }

    private static bool Has(ulong held, Capability one) => (held >> (int)one & 1) != 0;

    private static string? Status(string field)
    {
        try
        {
            return File.ReadLines("/proc/thread-self/status")
                .FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal))?[field.Length..].Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
