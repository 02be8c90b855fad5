using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

/// <summary>The errno of the native call that this thread made last.</summary>
internal static class LastError
{
    /// <summary>Must the caller wait until the socket is ready?</summary>
    internal static bool IsWouldBlock => Is(Errno.EAGAIN);

    /// <summary>Did a signal interrupt the call?</summary>
    internal static bool IsInterrupted => Is(Errno.EINTR);

    /// <summary>Is it this error?</summary>
    internal static bool Is(Errno errno) => Marshal.GetLastPInvokeError() == errno.Value;

    /// <summary>The row of the errno table.</summary>
    internal static Errno Row => Errno.FromNumber(Marshal.GetLastPInvokeError());
}
