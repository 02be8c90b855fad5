using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;

namespace NetKeepAlive;

/// <summary>A system call on a socket failed: which call, with which errno, on what.</summary>
public sealed class NativeSocketException : SocketException
{
    /// <summary>Makes the error of one call.</summary>
    /// <param name="operation">The call that failed, by its name in section 2 of the manual: <c>connect</c>.</param>
    /// <param name="errno">The row of the errno table.</param>
    /// <param name="target">What it was tried on: an address, a path, an option. Null where there is nothing to
    /// name.</param>
    /// <param name="advice">What the user can do about it, a sentence; null where there is nothing.</param>
    internal NativeSocketException(string operation, Errno errno, string? target = null, string? advice = null)
        : base((int)errno.SocketError, Describe(operation, errno, target, advice))
    {
        Operation = operation;
        Errno = errno.Name;
        ErrnoNumber = errno.Value;
        Target = target is null ? null : VisibleText.Escape(target);
    }

    private NativeSocketException(NativeSocketException same, string message)
        : base(same.ErrorCode, message)
    {
        Operation = same.Operation;
        Errno = same.Errno;
        ErrnoNumber = same.ErrnoNumber;
        Target = same.Target;
        foreach (System.Collections.DictionaryEntry entry in same.Data)
        {
            Data[entry.Key] = entry.Value;
        }
    }

    /// <summary>The call that failed: <c>setsockopt</c>, <c>connect</c>, <c>sendmsg</c>.</summary>
    public string Operation { get; }

    /// <summary>The errno's name: <c>ECONNREFUSED</c>.</summary>
    public string Errno { get; }

    /// <summary>The errno's number on this platform.</summary>
    public int ErrnoNumber { get; }

    /// <summary>What it was tried on, in words: an address, a path, an option; null where there is nothing to
    /// name.</summary>
    public string? Target { get; }

    /// <summary>How many bytes of what was to be sent on a stream the system had taken when the call failed; null where it
    /// was not about that, or nothing had gone. Whether they arrived nobody can tell.</summary>
    public long? BytesSent { get; private init; }

    /// <summary>The error of a call that has just failed, from the thread's saved errno.</summary>
    internal static NativeSocketException FromLastError(string operation, string? target = null) =>
        FromNumber(operation, Marshal.GetLastPInvokeError(), target);

    /// <summary>The error with a raw errno, as a socket reports it by SO_ERROR.</summary>
    internal static NativeSocketException FromNumber(string operation, int number, string? target = null) =>
        new(operation, Interop.Errno.FromNumber(number), target);

    /// <summary>The error of one of .NET's own calls, so that all errors read alike.</summary>
    internal static NativeSocketException FromSocketException(
        string operation, SocketException exception, string? target = null) =>
        exception as NativeSocketException
        ?? new NativeSocketException(
            operation,
            Interop.Errno.FromSocketError(exception.SocketErrorCode)
                ?? Interop.Errno.FromNumber(exception.NativeErrorCode),
            target);

    /// <summary>The error of the socket that another exception came of; null where none did.</summary>
    internal static NativeSocketException? FindIn(Exception? exception, string operation, string? target = null)
    {
        while (exception is not null and not SocketException)
        {
            exception = exception.InnerException;
        }

        return exception is SocketException socket ? FromSocketException(operation, socket, target) : null;
    }

    /// <summary>The same error with another target, for a caller that knows better what was meant.</summary>
    internal NativeSocketException WithTarget(string target, string? advice = null) =>
        new(Operation, Interop.Errno.FromNumber(ErrnoNumber), target, advice);

    /// <summary>The same error with more said.</summary>
    internal NativeSocketException Saying(string message) => new(this, message) { BytesSent = BytesSent };

    /// <summary>The same error of a send that failed in the middle.</summary>
    internal NativeSocketException After(long sent, long length) => new(
        this, $"{Message} {sent} of {length} bytes had gone; how many of them arrived nobody can tell.")
    {
        BytesSent = sent,
    };

    /// <summary>Is it this error?</summary>
    internal bool Is(Errno errno) => ReferenceEquals(Errno, errno.Name) || Errno == errno.Name;

    private static string Describe(string operation, Errno errno, string? target, string? advice)
    {
        string what = target is null ? operation : $"{operation} {VisibleText.Brief(target)}";
        string text = $"{errno.Text} ({errno.Name})";
        return advice is null ? $"{what}: {text}." : $"{what}: {text}. {VisibleText.Escape(advice)}";
    }
}
