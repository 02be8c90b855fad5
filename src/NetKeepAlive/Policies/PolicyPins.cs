using System;
using System.IO;
using System.Linq;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Policies;

/// <summary>Where policies that last are pinned: a folder of our own in the kernel's BPF file system, of mode 0700, with
/// one folder for links and one for programs. It is there as long as a policy is.</summary>
internal static class PolicyPins
{
    private const string UsualFolder = "/sys/fs/bpf";
    private const string OwnFolder = "netkeepalive";
    private const string Links = "links";
    private const string Programs = "programs";
    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Pins a policy; the file system is mounted where it is not.</summary>
    /// <exception cref="NativeSocketException">The kernel refused; nothing is left.</exception>
    internal static void Create(KernelPolicy policy, PolicyRules rules)
    {
        string folder = MountTable.Of("bpf").FirstOrDefault()?.Folder ?? Mount();
        try
        {
            // A pin that a policy left behind which has ended otherwise: names are in force once.
            Remove(rules.Name);
            policy.PinLink(Path.Combine(Make(folder, Links), FileName(rules.Name)));
            if (rules.Unit.Length > 0)
            {
                policy.PinProgram(Path.Combine(Make(folder, Programs), FileName(rules.Name)));
            }
        }
        catch (Exception error) when (error is NativeSocketException or IOException or UnauthorizedAccessException)
        {
            Remove(rules.Name);
            throw;
        }
    }

    /// <summary>Where the program of a policy is pinned.</summary>
    internal static string ProgramPath(string name) => Path.Combine(
        MountTable.Of("bpf").FirstOrDefault()?.Folder ?? UsualFolder, OwnFolder, Programs, FileName(name));

    /// <summary>Removes the pins of a policy and folders that are empty then.</summary>
    internal static void Remove(string name)
    {
        foreach (MountPoint mount in MountTable.Of("bpf"))
        {
            string own = Path.Combine(mount.Folder, OwnFolder);
            if (!Directory.Exists(own))
            {
                continue;
            }

            foreach (string kind in (string[])[Links, Programs])
            {
                string folder = Path.Combine(own, kind);
                if (Directory.Exists(folder))
                {
                    File.Delete(Path.Combine(folder, FileName(name)));
                    RemoveIfEmpty(folder);
                }
            }

            RemoveIfEmpty(own);
        }
    }

    /// <summary>A name as a file of bpffs, which keeps dots for itself.</summary>
    internal static string FileName(string name) => name.Replace('.', '~');

    private static string Make(string folder, string kind)
    {
        string own = Path.Combine(folder, OwnFolder);
        MakeFolder(own);
        string made = Path.Combine(own, kind);
        MakeFolder(made);
        return made;
    }

    private static void MakeFolder(string path) => _ = OperatingSystem.IsWindows()
        ? throw CurrentPlatform.NotSupported(nameof(PolicyPins), Platform.Other)
        : Directory.CreateDirectory(path, OwnerOnly);

    private static string Mount()
    {
        try
        {
            Libc.Mount("bpf", UsualFolder, "mode=0700");
            return UsualFolder;
        }
        catch (NativeSocketException error)
        {
            throw error.WithTarget(
                error.Target!,
                error.Is(Errno.EPERM)
                    ? "To keep a policy beyond this session the BPF file system must be mounted, which takes CAP_SYS_ADMIN: "
                        + "mount -t bpf bpf /sys/fs/bpf -o mode=0700"
                    : "This kernel has no BPF file system, so a policy lasts only as long as the session.");
        }
    }

    private static void RemoveIfEmpty(string folder)
    {
        if (!Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }
}
