using NetKeepAlive.Interop;

namespace NetKeepAlive.Policies;

/// <summary>A control group of cgroup2.</summary>
/// <param name="Root">Where cgroup2 is mounted.</param>
/// <param name="Path">The group below it: <c>/system.slice/web.service</c>; <c>/</c> is the whole system.</param>
internal sealed record ControlGroup(string Root, string Path)
{
    /// <summary>The group's folder.</summary>
    internal string Folder => Path == "/" ? Root : Root + Path;

    /// <summary>The kernel's number of the group, its folder's inode; null where there is none.</summary>
    internal ulong? Id => FileStatus.Of(Folder)?.Inode;

    /// <summary>The root of the tree that it is in.</summary>
    internal ControlGroup Whole => this with { Path = "/" };

    /// <summary>Opens the folder.</summary>
    /// <exception cref="System.IO.IOException"><c>ENOENT</c>: it has been removed.</exception>
    internal DirectoryHandle Open() =>
        Libc.OpenDir(Folder) ?? throw PolicyErrors.NotFound($"The control group {Folder} has been removed or is hidden.");
}
