using System;
using System.Net.Sockets;
using System.Threading;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
using NetKeepAlive.Sockets.Unix;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.Opening;

/// <summary>Connects Unix sockets.</summary>
internal static class UnixConnector
{
    // A connect to a listener whose queue is full waits inside the kernel and nothing can be polled meanwhile: so it
    // waits there for this long at a time, between which the caller can cancel.
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);

    // Where it does not wait but is refused, nothing tells when there is room again.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Connects a stream or seqpacket socket, and waits while the listener's queue is full.</summary>
    /// <exception cref="TimeoutException">The queue stayed full.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    /// <exception cref="NativeSocketException"><c>ENOENT</c>, <c>ECONNREFUSED</c>, <c>EPROTOTYPE</c>,
    /// <c>EACCES</c>.</exception>
    internal static void Connect(
        SafeSocketHandle socket, UnixAddress address, TimeSpan? timeout, CancellationToken cancellation)
    {
        Deadline deadline = Deadline.After(timeout);
        bool waits = Abi.Current.UnixConnectWaits;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            int left = deadline.RemainingMilliseconds;
            TimeSpan slice = left < 0 ? Slice : TimeSpan.FromMilliseconds(Math.Clamp(left, 1, Slice.TotalMilliseconds));
            Errno? error = waits ? ConnectWithin(socket, address, slice) : Libc.Connect(socket, address.SockAddr);
            if (error is null)
            {
                return;
            }

            // A signal ends the call before its time: many of them must not prolong the wait.
            bool isFull = waits
                ? error == Errno.EAGAIN
                : error == Errno.ECONNREFUSED && timeout is not null && StaleSocketFile.IsServed(address);
            if (!isFull && error != Errno.EINTR)
            {
                throw new NativeSocketException("connect", error, address.ToString(), Advice(error, address));
            }

            if (deadline.IsOver)
            {
                throw new TimeoutException(
                    $"connect {address}: the listener's queue was full for {Duration.Format(timeout)}.");
            }

            if (!waits)
            {
                cancellation.WaitHandle.WaitOne(slice < Pause ? slice : Pause);
            }
        }
    }

    private static Errno? ConnectWithin(SafeSocketHandle socket, UnixAddress address, TimeSpan slice)
    {
        SocketOptions.SendTimeout.Set(socket, slice);
        Errno? error = Libc.Connect(socket, address.SockAddr);
        if (error is null)
        {
            SocketOptions.SendTimeout.Set(socket, TimeSpan.Zero);
        }

        return error;
    }

    /// <summary>What a user can do about it; null where there is nothing to say.</summary>
    internal static string? Advice(Errno error, UnixAddress address) => error.Name switch
    {
        "ECONNREFUSED" when address.Path is null =>
            "Nobody listens under this abstract name: is it right, and the server running?",
        "ECONNREFUSED" when FileStatus.Of(address.Path!) is { IsSocket: false } => "What lies there is not a socket.",
        "ECONNREFUSED" when !Abi.Current.UnixConnectWaits && StaleSocketFile.IsServed(address) =>
            "Nobody listens on it yet (start the server), or its queue is full: with a timeout it is tried again.",
        "ECONNREFUSED" => "The file is there but nobody listens on it: start the server.",
        "ENOTSOCK" => "What lies there is not a socket.",
        "ENOENT" => "No such socket: is the path right, and the server running?",
        "EPROTOTYPE" => "The socket there is of another type (stream, seqpacket, datagram).",
        "EACCES" => "Connecting needs write permission on the socket's file and search permission on its directories.",
        _ => null,
    };
}
