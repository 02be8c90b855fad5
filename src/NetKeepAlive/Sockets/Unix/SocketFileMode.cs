using System.IO;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Sockets.Unix;

/// <summary>The mode of a socket's file.</summary>
internal static class SocketFileMode
{
    /// <summary>Adds what the umask took away; macOS gives the file its mode here altogether. By a descriptor of the very
    /// file: who may write to the folder may have put something else there meanwhile, which is left as it is.</summary>
    /// <returns>The socket's file; null where it is not there any more.</returns>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static FileStatus? Complete(string path, UnixFileMode mode)
    {
        if (CurrentPlatform.Value is not Platform.Linux)
        {
            return CompleteByPath(path, mode);
        }

        string full = Path.GetFullPath(path);
        using SafeFileHandle? folder = PathHandle.OpenFolderPath(Path.GetDirectoryName(full)!);
        using SafeFileHandle? file = folder is null ? null : PathHandle.OpenFile(folder, Path.GetFileName(full));
        if (file is null || FileStatus.Of(file) is not { IsSocket: true } made)
        {
            return null;
        }

        if (made.Rights != (int)mode)
        {
            PathHandle.SetMode(file, (uint)mode, path);
        }

        return made;
    }

    private static FileStatus? CompleteByPath(string path, UnixFileMode mode)
    {
        if (FileStatus.Of(path) is not { IsSocket: true } made)
        {
            return null;
        }

        if (!System.OperatingSystem.IsWindows() && made.Rights != (int)mode)
        {
            File.SetUnixFileMode(path, mode);
        }

        return made;
    }
}
