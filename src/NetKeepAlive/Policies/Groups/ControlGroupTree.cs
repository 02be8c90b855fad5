using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Policies;

/// <summary>The control groups that this process sees: cgroups(7), version 2.</summary>
internal sealed class ControlGroupTree
{
    private const string MemberOf = "0::"; // of cgroup2, in /proc/PID/cgroup
    private const string Deleted = " (deleted)";

    private readonly MountPoint _mount;

    private ControlGroupTree(MountPoint mount) => _mount = mount;

    /// <summary>The root: the whole system, as far as it is seen here.</summary>
    internal ControlGroup Whole => new(_mount.Folder, "/");

    /// <summary>Finds where cgroup2 is mounted; null where it is not.</summary>
    internal static ControlGroupTree? Find() =>
        MountTable.Of("cgroup2").FirstOrDefault() is { } mount ? new ControlGroupTree(mount) : null;

    /// <summary>Finds where cgroup2 is mounted.</summary>
    /// <exception cref="IOException"><c>ENOENT</c>: it is not.</exception>
    /// <exception cref="PlatformNotSupportedException">Not Linux.</exception>
    internal static ControlGroupTree Require()
    {
        CurrentPlatform.RequireLinux("A keep-alive policy");
        return Find() ?? throw PolicyErrors.NotFound(
            "No cgroup2 file system is mounted here, and policies are attached to its control groups. Mount it: mkdir -p "
            + "/sys/fs/cgroup/unified; mount -t cgroup2 none /sys/fs/cgroup/unified");
    }

    /// <summary>The group of a path: absolute, or below the root with or without a slash before it.</summary>
    /// <exception cref="IOException"><c>ENOENT</c>: there is no such group.</exception>
    internal ControlGroup OfPath(string path)
    {
        string full = Path.GetFullPath(path, _mount.Folder);
        string below = Below(full, _mount.Folder) ?? full;
        ControlGroup group = new(_mount.Folder, below.Length > 1 ? below.TrimEnd('/') : "/");
        return IsGroup(group)
            ? group
            : throw PolicyErrors.NotFound(
                $"There is no control group '{VisibleText.Brief(path)}'. Give a folder of {_mount.Folder}, whole or from "
                + "there on, as in /system.slice/web.service.");
    }

    /// <summary>The group of a process.</summary>
    /// <exception cref="IOException"><c>ESRCH</c>: there is no such process; <c>ENOENT</c>: its group is not
    /// seen here.</exception>
    /// <exception cref="ArgumentException">It is in the root.</exception>
    internal ControlGroup OfProcess(int processId)
    {
        string path = MembershipOf(processId);
        if (path == "/")
        {
            throw new ArgumentException(
                $"Process {processId} is in the root group of cgroup2, which is the whole system. Leave the process out "
                + "to mean that, or put it into a group of its own first.");
        }

        ControlGroup group = new(_mount.Folder, Below(path, _mount.Root) ?? path);
        return !path.EndsWith(Deleted, StringComparison.Ordinal) && IsGroup(group)
            ? group
            : throw PolicyErrors.NotFound(
                $"The control group of process {processId} ({VisibleText.Brief(path)}) has been removed or is hidden from "
                + "here.");
    }

    /// <summary>All groups, the root left out, each before those in it.</summary>
    internal IEnumerable<ControlGroup> All()
    {
        EnumerationOptions options = new()
        {
            RecurseSubdirectories = true,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
        };
        return Directory.EnumerateDirectories(_mount.Folder, "*", options)
            .Select(folder => new ControlGroup(_mount.Folder, folder[_mount.Folder.Length..]));
    }

    /// <summary>A group and all below it.</summary>
    internal IEnumerable<ControlGroup> Within(ControlGroup group) => All()
        .Where(it => group.Path == "/" || it.Path.StartsWith(group.Path + "/", StringComparison.Ordinal))
        .Prepend(group);

    private static bool IsGroup(ControlGroup group) => File.Exists($"{group.Folder}/cgroup.procs");

    private static string MembershipOf(int processId)
    {
        try
        {
            string? line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/cgroup"))
                .FirstOrDefault(static it => it.StartsWith(MemberOf, StringComparison.Ordinal));
            return line is null ? "/" : line[MemberOf.Length..];
        }
        catch (IOException gone) when (gone is FileNotFoundException or DirectoryNotFoundException
            || gone.HResult == Errno.ESRCH.Value)
        {
            throw PolicyErrors.NoSuchProcess(processId);
        }
    }

    // What is left of a path behind a folder, with its slash; null where it is not below it.
    private static string? Below(string path, string folder) =>
        folder == "/" ? path
        : path == folder ? "/"
        : path.StartsWith(folder + "/", StringComparison.Ordinal) ? path[folder.Length..]
        : null;
}
