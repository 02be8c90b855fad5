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

    /// <summary>Keeps errno right after a call that failed. Imports with <c>SetLastError</c> do so after every call;
    /// for the calls made for each message that costs more than it tells.</summary>
    internal static void Keep() => Marshal.SetLastPInvokeError(Marshal.GetLastSystemError());

    /// <summary>The answer of a call in one number, as the kernel itself gives it: a count, or the errno,
    /// negated.</summary>
    internal static int Answer(nint result) => result >= 0 ? (int)result : -Marshal.GetLastPInvokeError();

    /// <summary>The answer of a call that sends; EAGAIN for whatever the platform says for it.</summary>
    /// <param name="result">What the call returned.</param>
    /// <param name="noRoom">Another errno that means so here.</param>
    internal static int AnswerOfSend(nint result, int noRoom)
    {
        int answer = Answer(result);
        return answer < 0 && noRoom != Abi.None && (-answer == noRoom || -answer == Abi.Current.FullQueueErrno)
            ? -Errno.EAGAIN.Value
            : answer;
    }
}
