using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup3(SafeHandle oldfd, SafeHandle newfd, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup2(SafeHandle oldfd, SafeHandle newfd);

    /// <summary>dup3(2), or dup2(2) where that is missing: lets go of a socket as close(2) would, and puts one that is
    /// connected to nothing into its place. The number stays taken until the handle is disposed, so that no thread that
    /// still has it can reach a stranger's descriptor.</summary>
    /// <param name="handle">The socket's handle.</param>
    /// <exception cref="NativeSocketException"><c>EMFILE</c>, <c>ENFILE</c>: there is no room for the other
    /// socket.</exception>
    /// <exception cref="System.ObjectDisposedException">The handle is closed.</exception>
    internal static void Vacate(SafeHandle handle)
    {
        Abi abi = Abi.Current;
        using var nothing = Socket(abi.AfUnix, abi.SockStream);
        int result;
        do
        {
            // SOCK_CLOEXEC is O_CLOEXEC wherever there is one: socket(2).
            result = abi.SockCloexec != Abi.None
                ? dup3(nothing, handle, abi.SockCloexec)
                : dup2(nothing, handle);
        }
        while (result < 0 && LastError.IsInterrupted);
        if (result < 0)
        {
            throw NativeSocketException.FromLastError(abi.SockCloexec != Abi.None ? nameof(dup3) : nameof(dup2));
        }

        if (abi.SockCloexec == Abi.None)
        {
            RuntimeShim.SetCloseOnExec(handle);
        }
    }
}
