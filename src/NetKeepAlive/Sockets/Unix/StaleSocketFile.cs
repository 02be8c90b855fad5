using System.IO;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Sockets.Unix;

/// <summary>The file of a socket that nobody serves any more.</summary>
internal static class StaleSocketFile
{
    /// <summary>Removes it.</summary>
    /// <exception cref="NativeSocketException"><c>EEXIST</c>: it is no socket; <c>EADDRINUSE</c>: somebody serves
    /// it.</exception>
    internal static void Remove(UnixAddress address, string path)
    {
        if (CurrentPlatform.Value is not Platform.Linux)
        {
            if (FileStatus.Of(path) is { } found)
            {
                Check(found, address, path);
                File.Delete(path);
            }

            return;
        }

        // While its descriptor is open the file system gives its number to no other file, so that what is removed is what
        // was looked at.
        string full = Path.GetFullPath(path);
        using SafeFileHandle? folder = PathHandle.OpenFolderPath(Path.GetDirectoryName(full)!);
        using SafeFileHandle? file = folder is null ? null : PathHandle.OpenFile(folder, Path.GetFileName(full));
        if (file is null || FileStatus.Of(file) is not { } status)
        {
            return;
        }

        Check(status, UnixAddress.FromPath(PathHandle.PathOf(file)), path);
        if (FileStatus.Of(path) == status)
        {
            PathHandle.Remove(folder!, Path.GetFileName(full));
        }
    }

    /// <summary>Has anybody bound it? A datagram connect finds whoever has, of whatever type and whether it listens yet
    /// or not; it sends nothing and the one who is found does not notice. Refused means that nobody has it.</summary>
    internal static bool IsServed(UnixAddress address)
    {
        using SafeSocketHandle probe = Libc.Socket(Abi.Current.AfUnix, Abi.Current.SockDgram);
        return Libc.Connect(probe, address.SockAddr) != Errno.ECONNREFUSED;
    }

    private static void Check(FileStatus found, UnixAddress address, string path)
    {
        if (!found.IsSocket)
        {
            throw new NativeSocketException("bind", Errno.EEXIST, path, "What lies there is not a socket, so it stays.");
        }

        if (IsServed(address))
        {
            throw new NativeSocketException("bind", Errno.EADDRINUSE, path, "A process serves this socket, so it stays.");
        }
    }
}
