using System;
using System.IO;
using System.Net.Sockets;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Sockets.Unix;

/// <summary>The file of a bound Unix socket: made with its mode, and removed only as long as it is still the
/// same.</summary>
internal sealed class UnixSocketFile
{
    private readonly string _path;
    private readonly FileStatus? _made;

    private UnixSocketFile(string path, FileStatus? made)
    {
        _path = path;
        _made = made;
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
                    RemoveDead(address, path);
                    Libc.Bind(socket, address.SockAddr, target);
                }
            },
            address,
            force);

        // Somebody who may write to the directory may have put something else there meanwhile: it is not ours, and where
        // bind(2) follows links nobody can say where ours is.
        UnixSocketFile file = new(
            Path.GetFullPath(path), FileStatus.Of(path) is { IsSocket: true } socketFile ? socketFile : null);
        if (file._made is null && !takesMode)
        {
            throw new NativeSocketException(
                "bind", Errno.EADDRINUSE, target, "Something else was put at this path in the same moment.");
        }

        try
        {
            // What the umask took away is added now; macOS gets its mode here altogether.
            if (!OperatingSystem.IsWindows() && file._made is { } made && made.Rights != (int)mode)
            {
                File.SetUnixFileMode(path, mode);
            }
        }
        catch (Exception)
        {
            file.Delete();
            throw;
        }

        return file;
    }

    /// <summary>Removes the file if it is still the one that was made; else it is somebody else's and stays.</summary>
    internal void Delete()
    {
        if (_made is { } made && FileStatus.Of(_path) is { IsSocket: true } now
            && now.Device == made.Device && now.Inode == made.Inode)
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

    /// <summary>Has anybody bound it? A datagram connect finds whoever has, of whatever type and whether it listens yet
    /// or not; it sends nothing and the one who is found does not notice. Refused means that nobody has it.</summary>
    internal static bool IsServed(UnixAddress address)
    {
        using SafeSocketHandle probe = Libc.Socket(Abi.Current.AfUnix, Abi.Current.SockDgram);
        return Libc.Connect(probe, address.SockAddr) != Errno.ECONNREFUSED;
    }

    private static void RemoveDead(UnixAddress address, string path)
    {
        if (FileStatus.Of(path) is not { } found)
        {
            return;
        }

        if (!found.IsSocket)
        {
            throw new NativeSocketException(
                "bind", Errno.EEXIST, path, "What lies there is not a socket, so -Force leaves it alone.");
        }

        if (IsServed(address))
        {
            throw new NativeSocketException(
                "bind", Errno.EADDRINUSE, path, "A process serves this socket, so -Force leaves it alone.");
        }

        if (FileStatus.Of(path) == found)
        {
            File.Delete(path);
        }
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
        "EADDRINUSE" when force is null => "Something lies at this path: name another, or remove it.",
        "EADDRINUSE" when force is false =>
            "Something lies at this path; -Force replaces it if it is a socket that nobody serves.",
        "ENOENT" => "Its directory does not exist.",
        "ENOTDIR" => "A part of the path is not a directory.",
        "EACCES" => "Creating the file needs write permission on its directory.",
        _ => null,
    };
}
