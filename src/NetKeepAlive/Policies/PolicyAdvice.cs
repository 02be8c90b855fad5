using System;
using System.IO;
using System.Linq;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Bpf;
using static NetKeepAlive.Interop.Linux.Capabilities;

namespace NetKeepAlive.Policies;

/// <summary>What is missing where the kernel refuses a policy.</summary>
internal static class PolicyAdvice
{
    private static readonly Version OldestKernel = new(5, 9);
    private static readonly Version KernelWithoutMemoryLimit = new(5, 11);

    /// <summary>Does something to policies; a refusal says what is missing.</summary>
    internal static T Explain<T>(Func<T> action, ControlGroup? group, params Capability[] needed)
    {
        try
        {
            return action();
        }
        catch (NativeSocketException error)
            when (error.Operation is "bpf" && For(error, group, needed) is { } advice)
        {
            throw error.WithTarget(error.Target!, advice);
        }
    }

    private static string? For(NativeSocketException error, ControlGroup? group, Capability[] needed) => error.Errno switch
    {
        "EPERM" => NotPermitted(error, group, needed),
        "ENOSYS" => "This kernel has no bpf(2) (CONFIG_BPF_SYSCALL), or a seccomp filter hides it.",
        "EINVAL" or "EBADF" when Environment.OSVersion.Version < OldestKernel =>
            $"Policies take Linux 5.9; this is {Environment.OSVersion.Version}.",
        "EINVAL" when !error.Message.Contains("The verifier says", StringComparison.Ordinal) =>
            "Policies take a kernel with CONFIG_CGROUP_BPF.",
        "E2BIG" => "The group has as many programs as the kernel allows (64): remove a policy first.",
        _ => null,
    };

    private static string NotPermitted(NativeSocketException error, ControlGroup? group, Capability[] needed)
    {
        if (IsInUserNamespace)
        {
            return "This process is root only within a user namespace (a container), whose capabilities do not count for "
                + "bpf(2). Run it as root of the host.";
        }

        if (Missing(needed) is { Count: > 0 } missing)
        {
            return $"It takes {string.Join(" and ", needed)}, which root has; this process lacks "
                + $"{string.Join(" and ", missing)}.";
        }

        if (error.Target!.StartsWith("BPF_LINK_CREATE", StringComparison.Ordinal))
        {
            return "Another tool's program is attached exclusively to this group or to one above it"
                + $"{Others(group)}: it lets no other program in. Choose a group below or beside it, or have that tool "
                + "attach with BPF_F_ALLOW_MULTI.";
        }

        return IsFiltered
            ? "The capabilities are there, but a seccomp filter of this process (as containers have) forbids bpf(2)."
            : Environment.OSVersion.Version < KernelWithoutMemoryLimit
                ? "The capabilities are there. Before Linux 5.11 maps count as locked memory: raise the limit (ulimit -l)."
                : $"The capabilities are there, but a security module or the lockdown of the kernel{Lockdown()} forbids it.";
    }

    private static string Lockdown()
    {
        try
        {
            return $" ({File.ReadAllText("/sys/kernel/security/lockdown").Trim()})";
        }
        catch (Exception unseen) when (unseen is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    // The programs at the group and at those above it, by name.
    private static string Others(ControlGroup? group)
    {
        try
        {
            for (ControlGroup? at = group; at is not null; at = Above(at))
            {
                using DirectoryHandle folder = at.Open();
                uint[] ids = BpfLink.AttachedTo(folder, at.Folder);
                if (ids.Length > 0)
                {
                    return $" ({string.Join(", ", ids.Select(Describe))} at {at.Folder})";
                }
            }
        }
        catch (Exception unseen) when (unseen is NativeSocketException or IOException)
        {
            // Whoever may not look is told the rest.
        }

        return string.Empty;
    }

    private static string Describe(uint id)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle? program = BpfObject.OpenProgram(id);
        return program is null ? $"program {id}" : $"program {id} '{BpfCall.ToText(BpfProgram.Info(program).Name)}'";
    }

    private static ControlGroup? Above(ControlGroup group) => group.Path == "/"
        ? null
        : group with { Path = group.Path.LastIndexOf('/') is > 0 and int slash ? group.Path[..slash] : "/" };
}
