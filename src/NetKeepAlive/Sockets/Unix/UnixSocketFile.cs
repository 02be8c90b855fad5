using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Errors;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.Sockets.Unix;

/// <summary>The file of a bound Unix socket: made with its mode, and removed with the socket, also when the process ends:
/// only as long as it is still the same file, and no other process has the socket.</summary>
internal sealed class UnixSocketFile
{
    // The others hold the lock for the time of a few system calls; a machine under emulation took a second for them.
    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(5);
    private static readonly List<WeakReference<UnixSocketFile>> Made = [];

    private readonly SafeSocketHandle _socket;
    private readonly string _path;
    private readonly FileStatus? _made;

    static UnixSocketFile() => ProcessEnd.Add(DeleteAll);

    private UnixSocketFile(SafeSocketHandle socket, string path, FileStatus? made)
    {
        _socket = socket;
        _path = path;
        _made = made;
        lock (Made)
        {
            Made.RemoveAll(static it => !it.TryGetTarget(out _));
            Made.Add(new WeakReference<UnixSocketFile>(this));
        }
    }

    /// <summary>Binds a socket to an address. A path gets its file, with the given mode from the first
    /// moment.</summary>
    /// <param name="socket">The unbound socket.</param>
    /// <param name="address">The path or abstract name.</param>
    /// <param name="mode">The file's mode.</param>
    /// <param name="force">Take the place of a socket that nobody serves any more; null where the user has no such
    /// choice.
    /// </param>
    /// <returns>The file; null for an abstract name.</returns>
    /// <exception cref="NativeSocketException"><c>EADDRINUSE</c>: somebody serves it; <c>EEXIST</c>: what lies there is
    /// no socket; <c>ENOENT</c>, <c>ENOTDIR</c>, <c>EACCES</c>: the directory.</exception>
    internal static UnixSocketFile? Bind(SafeSocketHandle socket, UnixAddress address, UnixFileMode mode, bool? force)
    {
        string target = address.ToString();
        if (address.Path is not { } path)
        {
            Explain(() => Libc.Bind(socket, address.SockAddr, target), address, force);
            return null;
        }

        // Linux gives the file the mode of the socket, less the umask: never more than asked, from birth.
        bool takesMode = Abi.Current.BindTakesMode;
        if (takesMode)
        {
            Libc.FChmod(socket, mode);
        }

        Explain(
            () =>
            {
                try
                {
                    // macOS follows a link that leads nowhere, and makes the socket where it points.
                    if (!takesMode && FileStatus.Of(path) is not null)
                    {
                        throw new NativeSocketException("bind", Errno.EADDRINUSE, target);
                    }

                    Libc.Bind(socket, address.SockAddr, target);
                }
                catch (NativeSocketException taken) when (force is true && taken.Is(Errno.EADDRINUSE))
                {
                    using IDisposable? turn = TakeTurn(path);
                    StaleSocketFile.Remove(address, path);
                    Libc.Bind(socket, address.SockAddr, target);
                }
            },
            address,
            force);

        try
        {
            FileStatus? made = SocketFileMode.Complete(path, mode);
            if (made is null && !takesMode)
            {
                // Where bind(2) follows links nobody can say where ours is.
                throw new NativeSocketException(
                    "bind", Errno.EADDRINUSE, target, "Something else was put at this path in the same moment.");
            }

            return new UnixSocketFile(socket, Path.GetFullPath(path), made);
        }
        catch (NativeSocketException)
        {
            new UnixSocketFile(socket, Path.GetFullPath(path), FileStatus.Of(path)).Delete();
            throw;
        }
    }

    /// <summary>Removes the file if it is still the one that was made; else it is somebody else's and stays. It stays,
    /// too, while another process has the socket: it was handed on.</summary>
    internal void Delete()
    {
        if (_made is not { } made || SharedSockets.Contains(_socket))
        {
            return;
        }

        if (CurrentPlatform.Value is Platform.Linux)
        {
            // By the folder's descriptor: its path may lead elsewhere between looking and removing.
            using SafeFileHandle? folder = PathHandle.OpenFolderPath(Path.GetDirectoryName(_path)!);
            using SafeFileHandle? file = folder is null ? null : PathHandle.OpenFile(folder, Path.GetFileName(_path));
            if (file is not null && IsSame(FileStatus.Of(file), made))
            {
                PathHandle.Remove(folder!, Path.GetFileName(_path));
            }
        }
        else if (IsSame(FileStatus.Of(_path), made))
        {
            try
            {
                File.Delete(_path);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // The directory went, or its rights did: nothing is left to do.
            }
        }
    }

    private static bool IsSame(FileStatus? now, FileStatus made) =>
        now is { IsSocket: true } it && it.Device == made.Device && it.Inode == made.Inode;

    private static void DeleteAll()
    {
        lock (Made)
        {
            foreach (WeakReference<UnixSocketFile> one in Made)
            {
                if (one.TryGetTarget(out UnixSocketFile? file) && !file._socket.IsClosed)
                {
                    file.Delete();
                }
            }
        }
    }

    // Of two processes that find the same stale file, the second looks only when the first has bound: it then finds a
    // socket that is served. The lock is on the folder and ends with its descriptor; a folder that cannot be read has none.
    private static DirectoryHandle? TakeTurn(string path)
    {
        if (Libc.OpenDir(Path.GetDirectoryName(Path.GetFullPath(path))!) is not { } folder)
        {
            return null;
        }

        Deadline deadline = Deadline.After(LockLimit);
        while (!Libc.TryLock(folder))
        {
            if (deadline.IsOver)
            {
                folder.Dispose();
                throw new NativeSocketException(
                    "bind", Errno.EBUSY, path, "Another process is replacing a socket file in this directory: try again.");
            }

            Thread.Sleep(1);
        }

        return folder;
    }

    private static void Explain(Action bind, UnixAddress address, bool? force)
    {
        try
        {
            bind();
        }
        catch (NativeSocketException refused) when (Advice(refused, address, force) is { } advice)
        {
            throw refused.WithTarget(address.ToString(), advice);
        }
    }

    private static string? Advice(NativeSocketException refused, UnixAddress address, bool? force) => refused.Errno switch
    {
        "EADDRINUSE" when address.Path is null => "Another socket has this abstract name.",
        "EADDRINUSE" when force is true => null,
        "EADDRINUSE" when force is null => "Something lies at this path: name another, or remove it.",
        "EADDRINUSE" => $"Something lies at this path: {Remedies.ReplaceStale}.",
        "ENOENT" => "Its directory does not exist.",
        "ENOTDIR" => "A part of the path is not a directory.",
        "EACCES" => "Creating the file needs write permission on its directory.",
        _ => null,
    };
}
