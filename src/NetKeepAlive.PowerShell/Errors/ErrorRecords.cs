using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Net.Sockets;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Errors;

/// <summary>The one place that makes ErrorRecords: an id (the errno's name or a word of ours), a category that fits,
/// the item as target.</summary>
internal static class ErrorRecords
{
    internal const string Timeout = "Timeout";
    internal const string IdleTimeout = "IdleTimeout";
    internal const string PlatformNotSupported = "PlatformNotSupported";
    internal const string NotASocket = "NotASocket";
    internal const string PathTooLong = "PathTooLong";
    internal const string HostNotFound = "HostNotFound";
    internal const string PortMissing = "PortMissing";
    internal const string LineTooLong = "LineTooLong";
    internal const string TlsFailed = "TlsFailed";
    internal const string ServerFailed = "ServerFailed";

    /// <summary>Is it one of the errors that a cmdlet reports? All others are defects and go up as they are.</summary>
    internal static bool IsExpected(Exception exception) => exception
        is SocketException
        or ObjectDisposedException
        or PlatformNotSupportedException
        or ArgumentException
        or TimeoutException
        or IOException
        or UnauthorizedAccessException;

    /// <summary>The record of an error.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="target">The item that it happened to.</param>
    internal static ErrorRecord From(Exception exception, object? target)
    {
        ErrorRecord error = Make(Advice.Named(exception), target);
        if (error.Exception is IOException or UnauthorizedAccessException)
        {
            // .NET repeats the name of a file as it is.
            error.ErrorDetails = new ErrorDetails(VisibleText.Escape(error.Exception.Message));
        }

        return error;
    }

    // Files and their handles are sent beside sockets.
    private static bool IsOfFile(ObjectDisposedException closed) =>
        closed.ObjectName.StartsWith("System.IO.", StringComparison.Ordinal)
        || closed.ObjectName.EndsWith("SafeFileHandle", StringComparison.Ordinal);

    private static ErrorRecord Make(Exception exception, object? target) => exception switch
    {
        // A handle of something else, found out by the kernel: the same as an object of another kind.
        NativeSocketException error when error.Is(Errno.ENOTSOCK) => new(
            error, NotASocket, ErrorCategory.InvalidArgument, target),
        NativeSocketException error => new(error, error.Errno, CategoryOf(error.Errno), target),
        SocketException error => From(NativeSocketException.FromSocketException("socket", error), target),
        ObjectDisposedException closed => new(
            new ObjectDisposedException(null, $"The {(IsOfFile(closed) ? "file" : "socket")} is closed (EBADF).")
            {
                Source = exception.Source,
            },
            Errno.EBADF.Name, ErrorCategory.ResourceUnavailable, target),
        PlatformNotSupportedException => new(
            new PlatformNotSupportedException(
                $"{exception.Message} See about_NetKeepAlive for what works where.", exception),
            PlatformNotSupported, ErrorCategory.NotImplemented, target),
        NotASocketException when TypeFromAfar(target) is { } type => new(
            NotASocketException.Saying(
                $"This {type} came from another session and is a picture of what was there: work on the socket there, "
                + "within the same Invoke-Command or job."),
            NotASocket, ErrorCategory.InvalidArgument, target),
        NotASocketException => new(exception, NotASocket, ErrorCategory.InvalidArgument, target),
        PortMissingException => new(exception, PortMissing, ErrorCategory.InvalidArgument, target),
        HostNotFoundException => new(exception, HostNotFound, ErrorCategory.ObjectNotFound, target),
        FileNotFoundException or DirectoryNotFoundException => new(
            exception, Errno.ENOENT.Name, ErrorCategory.ObjectNotFound, target),
        PathTooLongException => new(exception, PathTooLong, ErrorCategory.InvalidArgument, target),
        ArgumentException { ParamName: not null } => From(new ArgumentException(Words(exception), exception), target),
        ArgumentException => new(exception, Errno.EINVAL.Name, ErrorCategory.InvalidArgument, target),
        TimeoutException => new(exception, Timeout, ErrorCategory.OperationTimeout, target),
        UnauthorizedAccessException => new(exception, Errno.EACCES.Name, ErrorCategory.PermissionDenied, target),
        LineTooLongException => new(exception, LineTooLong, ErrorCategory.LimitsExceeded, target),
        TlsException => new(exception, TlsFailed, ErrorCategory.SecurityError, target),
        IOException { InnerException: SocketException inner } => From(inner, target),
        // On Unix .NET keeps the errno here.
        IOException { HResult: > 0 } => new(
            exception, Errno.FromNumber(exception.HResult).Name,
            CategoryOf(Errno.FromNumber(exception.HResult).Name), target),
        IOException => new(exception, Errno.EIO.Name, ErrorCategory.ReadError, target),
        _ => new(exception, exception.GetType().Name, ErrorCategory.NotSpecified, target),
    };

    /// <summary>The message. .NET puts the name of its own parameter behind it, which means nothing to who called a
    /// cmdlet.</summary>
    internal static string Words(Exception exception) => exception is ArgumentException { ParamName: { } name }
        ? exception.Message.Replace($" (Parameter '{name}')", null, StringComparison.Ordinal)
        : exception.Message;

    // What remoting and jobs bring back are property bags that remember what they were.
    private static string? TypeFromAfar(object? target)
    {
        const string Prefix = "Deserialized.NetKeepAlive.";
        string? type = (target as PSObject)?.TypeNames.FirstOrDefault();
        return type?.StartsWith(Prefix, StringComparison.Ordinal) is true ? type[Prefix.Length..] : null;
    }

    /// <summary>The category of an errno, by its name.</summary>
    internal static ErrorCategory CategoryOf(string errno) => errno switch
    {
        "EPERM" or "EACCES" or "EROFS" => ErrorCategory.PermissionDenied,
        "EADDRINUSE" or "EEXIST" or "EISCONN" or "EALREADY" or "EINPROGRESS" => ErrorCategory.ResourceExists,
        "ENOENT" or "ENODEV" or "ENOTDIR" or "ESRCH" or "EBADF" or "EMFILE" or "ENFILE" or "ENOBUFS" or "ENOMEM"
            or "ENOSPC" or "E2BIG" or "EBUSY" or "EAGAIN" or "EADDRNOTAVAIL" or "ETOOMANYREFS" =>
            ErrorCategory.ResourceUnavailable,
        "EINVAL" or "ENOTSOCK" or "EPROTOTYPE" or "EAFNOSUPPORT" or "EMSGSIZE" or "EDESTADDRREQ" or "ENAMETOOLONG"
            or "ENOPROTOOPT" or "EOPNOTSUPP" or "ENOTSUP" or "ELOOP" or "EISDIR" or "EFAULT"
            or "EOVERFLOW" => ErrorCategory.InvalidArgument,
        "ETIMEDOUT" or "ECONNREFUSED" or "ECONNRESET" or "ECONNABORTED" or "EPIPE" or "ENOTCONN" or "EHOSTUNREACH"
            or "EHOSTDOWN" or "ENETUNREACH" or "ENETDOWN" or "ENETRESET" or "ESHUTDOWN" =>
            ErrorCategory.ConnectionError,
        "ENOSYS" or "EPROTONOSUPPORT" or "ESOCKTNOSUPPORT" or "EPFNOSUPPORT" => ErrorCategory.NotImplemented,
        "EPROTO" => ErrorCategory.ProtocolError,
        "EIO" => ErrorCategory.DeviceError,
        "EINTR" or "ECANCELED" => ErrorCategory.OperationStopped,
        _ => ErrorCategory.NotSpecified,
    };
}
