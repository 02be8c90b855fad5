using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint sendfile(SafeHandle out_fd, SafeHandle in_fd, long* offset, nuint count);

    /// <summary>sendfile(2) of Linux: the kernel sends a part of a file, which never comes into this process. It waits
    /// where the socket is not non-blocking. .NET ignores SIGPIPE, which it has no flag against.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="file">A file that can be mapped.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="count">How many bytes.</param>
    /// <returns>How many bytes were sent, 0 at the end of the file, or the errno, negated: <c>EINVAL</c> of what cannot
    /// be mapped.</returns>
    internal static unsafe int SendFile(SafeHandle socket, SafeHandle file, long offset, int count)
    {
        nint sent;
        do
        {
            sent = sendfile(socket, file, &offset, (nuint)count);
        }
        while (sent < 0 && LastError.IsInterrupted);
        return LastError.Answer(sent);
    }
}
