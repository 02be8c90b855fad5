using System.Collections.Generic;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

/// <summary>
/// One row of the errno table: the name that every manual uses, its number on each platform, and the .NET code that
/// comes closest. Raw numbers and <see cref="SocketError"/> meet here and nowhere else.
/// </summary>
/// <param name="Name">The constant's name, <c>ECONNREFUSED</c>.</param>
/// <param name="Linux">Its number on Linux (<c>asm-generic/errno.h</c>).</param>
/// <param name="Darwin">Its number on macOS (xnu <c>bsd/sys/errno.h</c>).</param>
/// <param name="SocketError">The nearest .NET code.</param>
internal sealed record Errno(string Name, int Linux, int Darwin, SocketError SocketError)
{
    internal static readonly Errno EPERM = new("EPERM", 1, 1, SocketError.AccessDenied);
    internal static readonly Errno ENOENT = new("ENOENT", 2, 2, SocketError.AddressNotAvailable);
    internal static readonly Errno ESRCH = new("ESRCH", 3, 3, SocketError.SocketError);
    internal static readonly Errno EINTR = new("EINTR", 4, 4, SocketError.Interrupted);
    internal static readonly Errno EIO = new("EIO", 5, 5, SocketError.SocketError);
    internal static readonly Errno E2BIG = new("E2BIG", 7, 7, SocketError.SocketError);
    internal static readonly Errno EBADF = new("EBADF", 9, 9, SocketError.OperationAborted);
    internal static readonly Errno EAGAIN = new("EAGAIN", 11, 35, SocketError.WouldBlock);
    internal static readonly Errno ENOMEM = new("ENOMEM", 12, 12, SocketError.NoBufferSpaceAvailable);
    internal static readonly Errno EACCES = new("EACCES", 13, 13, SocketError.AccessDenied);
    internal static readonly Errno EFAULT = new("EFAULT", 14, 14, SocketError.Fault);
    internal static readonly Errno EBUSY = new("EBUSY", 16, 16, SocketError.SocketError);
    internal static readonly Errno EEXIST = new("EEXIST", 17, 17, SocketError.AddressAlreadyInUse);
    internal static readonly Errno ENODEV = new("ENODEV", 19, 19, SocketError.SocketError);
    internal static readonly Errno ENOTDIR = new("ENOTDIR", 20, 20, SocketError.AddressNotAvailable);
    internal static readonly Errno EISDIR = new("EISDIR", 21, 21, SocketError.AddressNotAvailable);
    internal static readonly Errno EINVAL = new("EINVAL", 22, 22, SocketError.InvalidArgument);
    internal static readonly Errno ENFILE = new("ENFILE", 23, 23, SocketError.TooManyOpenSockets);
    internal static readonly Errno EMFILE = new("EMFILE", 24, 24, SocketError.TooManyOpenSockets);
    internal static readonly Errno ENOSPC = new("ENOSPC", 28, 28, SocketError.NoBufferSpaceAvailable);
    internal static readonly Errno EROFS = new("EROFS", 30, 30, SocketError.AccessDenied);
    internal static readonly Errno EPIPE = new("EPIPE", 32, 32, SocketError.Shutdown);
    internal static readonly Errno ENAMETOOLONG = new("ENAMETOOLONG", 36, 63, SocketError.InvalidArgument);
    internal static readonly Errno ENOSYS = new("ENOSYS", 38, 78, SocketError.OperationNotSupported);
    internal static readonly Errno ELOOP = new("ELOOP", 40, 62, SocketError.AddressNotAvailable);
    internal static readonly Errno EPROTO = new("EPROTO", 71, 100, SocketError.SocketError);
    internal static readonly Errno EOVERFLOW = new("EOVERFLOW", 75, 84, SocketError.SocketError);
    internal static readonly Errno ENOTSOCK = new("ENOTSOCK", 88, 38, SocketError.NotSocket);
    internal static readonly Errno EDESTADDRREQ = new("EDESTADDRREQ", 89, 39, SocketError.DestinationAddressRequired);
    internal static readonly Errno EMSGSIZE = new("EMSGSIZE", 90, 40, SocketError.MessageSize);
    internal static readonly Errno EPROTOTYPE = new("EPROTOTYPE", 91, 41, SocketError.ProtocolType);
    internal static readonly Errno ENOPROTOOPT = new("ENOPROTOOPT", 92, 42, SocketError.ProtocolOption);
    internal static readonly Errno EPROTONOSUPPORT =
        new("EPROTONOSUPPORT", 93, 43, SocketError.ProtocolNotSupported);
    internal static readonly Errno ESOCKTNOSUPPORT = new("ESOCKTNOSUPPORT", 94, 44, SocketError.SocketNotSupported);
    internal static readonly Errno EOPNOTSUPP = new("EOPNOTSUPP", 95, 102, SocketError.OperationNotSupported);
    internal static readonly Errno ENOTSUP = new("ENOTSUP", 95, 45, SocketError.OperationNotSupported);
    internal static readonly Errno EPFNOSUPPORT =
        new("EPFNOSUPPORT", 96, 46, SocketError.ProtocolFamilyNotSupported);
    internal static readonly Errno EAFNOSUPPORT =
        new("EAFNOSUPPORT", 97, 47, SocketError.AddressFamilyNotSupported);
    internal static readonly Errno EADDRINUSE = new("EADDRINUSE", 98, 48, SocketError.AddressAlreadyInUse);
    internal static readonly Errno EADDRNOTAVAIL = new("EADDRNOTAVAIL", 99, 49, SocketError.AddressNotAvailable);
    internal static readonly Errno ENETDOWN = new("ENETDOWN", 100, 50, SocketError.NetworkDown);
    internal static readonly Errno ENETUNREACH = new("ENETUNREACH", 101, 51, SocketError.NetworkUnreachable);
    internal static readonly Errno ENETRESET = new("ENETRESET", 102, 52, SocketError.NetworkReset);
    internal static readonly Errno ECONNABORTED = new("ECONNABORTED", 103, 53, SocketError.ConnectionAborted);
    internal static readonly Errno ECONNRESET = new("ECONNRESET", 104, 54, SocketError.ConnectionReset);
    internal static readonly Errno ENOBUFS = new("ENOBUFS", 105, 55, SocketError.NoBufferSpaceAvailable);
    internal static readonly Errno EISCONN = new("EISCONN", 106, 56, SocketError.IsConnected);
    internal static readonly Errno ENOTCONN = new("ENOTCONN", 107, 57, SocketError.NotConnected);
    internal static readonly Errno ESHUTDOWN = new("ESHUTDOWN", 108, 58, SocketError.Shutdown);
    internal static readonly Errno ETOOMANYREFS = new("ETOOMANYREFS", 109, 59, SocketError.SocketError);
    internal static readonly Errno ETIMEDOUT = new("ETIMEDOUT", 110, 60, SocketError.TimedOut);
    internal static readonly Errno ECONNREFUSED = new("ECONNREFUSED", 111, 61, SocketError.ConnectionRefused);
    internal static readonly Errno EHOSTDOWN = new("EHOSTDOWN", 112, 64, SocketError.HostDown);
    internal static readonly Errno EHOSTUNREACH = new("EHOSTUNREACH", 113, 65, SocketError.HostUnreachable);
    internal static readonly Errno EALREADY = new("EALREADY", 114, 37, SocketError.AlreadyInProgress);
    internal static readonly Errno EINPROGRESS = new("EINPROGRESS", 115, 36, SocketError.InProgress);
    internal static readonly Errno ECANCELED = new("ECANCELED", 125, 89, SocketError.OperationAborted);

    /// <summary>Every row of the table.</summary>
    internal static IReadOnlyList<Errno> All { get; } =
    [
        EPERM, ENOENT, ESRCH, EINTR, EIO, E2BIG, EBADF, EAGAIN, ENOMEM, EACCES, EFAULT, EBUSY, EEXIST, ENODEV, ENOTDIR,
        EISDIR, EINVAL, ENFILE, EMFILE, ENOSPC, EROFS, EPIPE, ENAMETOOLONG, ENOSYS, ELOOP, EPROTO, EOVERFLOW, ENOTSOCK,
        EDESTADDRREQ, EMSGSIZE, EPROTOTYPE, ENOPROTOOPT, EPROTONOSUPPORT, ESOCKTNOSUPPORT, EOPNOTSUPP, ENOTSUP,
        EPFNOSUPPORT, EAFNOSUPPORT, EADDRINUSE, EADDRNOTAVAIL, ENETDOWN, ENETUNREACH, ENETRESET, ECONNABORTED,
        ECONNRESET, ENOBUFS, EISCONN, ENOTCONN, ESHUTDOWN, ETOOMANYREFS, ETIMEDOUT, ECONNREFUSED, EHOSTDOWN, EHOSTUNREACH, EALREADY,
        EINPROGRESS, ECANCELED,
    ];

    /// <summary>This error's number on a platform.</summary>
    internal int Number(Platform platform) => platform is Platform.Darwin ? Darwin : Linux;

    /// <summary>This error's number in this process.</summary>
    internal int Value => Number(CurrentPlatform.Value);

    /// <summary>What the C library says of it: "Connection refused".</summary>
    internal string Text => Marshal.GetPInvokeErrorMessage(Value);

    /// <summary>The row of a raw errno; one that the table lacks gets a row named <c>errno N</c>.</summary>
    internal static Errno FromNumber(int number) => FromNumber(number, CurrentPlatform.Value);

    /// <inheritdoc cref="FromNumber(int)"/>
    internal static Errno FromNumber(int number, Platform platform)
    {
        foreach (Errno row in All)
        {
            if (row.Number(platform) == number)
            {
                return row;
            }
        }

        return new Errno($"errno {number}", number, number, SocketError.SocketError);
    }

    /// <summary>The row whose .NET code this is; the first that fits. Null where none does.</summary>
    internal static Errno? FromSocketError(SocketError error)
    {
        // Several rows share these codes; the first in the table is not what .NET means by them.
        switch (error)
        {
            case SocketError.AccessDenied: return EACCES;
            case SocketError.AddressNotAvailable: return EADDRNOTAVAIL;
            case SocketError.AddressAlreadyInUse: return EADDRINUSE;
            case SocketError.TooManyOpenSockets: return EMFILE;
            case SocketError.NoBufferSpaceAvailable: return ENOBUFS;
            case SocketError.OperationAborted: return ECANCELED;
            case SocketError.InvalidArgument: return EINVAL;
            case SocketError.OperationNotSupported: return EOPNOTSUPP;
            case SocketError.SocketError: return null;
        }

        foreach (Errno row in All)
        {
            if (row.SocketError == error)
            {
                return row;
            }
        }

        return null;
    }
}
