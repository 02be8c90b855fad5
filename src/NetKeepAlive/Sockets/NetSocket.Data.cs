using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using NetKeepAlive.Errors;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <content>Sending and receiving.</content>
public abstract partial class NetSocket
{
    /// <summary>The most handles that one message carries: <c>SCM_MAX_FD</c> of Linux's <c>net/scm.h</c>.</summary>
    public const int MaximumHandles = Interop.ControlMessages.MaximumDescriptors;

    private readonly object _receiveGate = new();
    private volatile Queue<SocketMessage>? _putBack;
    private long _bytesReceived;
    private long _bytesSent;
    private long _sequence;
    private bool _endMarked;
    private bool _endRaised;
    private NativeSocketException? _reset;

    /// <summary>Sends to the peer: one message, or all the bytes on a stream. Waits while there is no room.</summary>
    /// <param name="data">What to send; may be empty on a message socket.</param>
    /// <param name="timeout">How long to wait at the most; null is for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The time was over before there was room.</exception>
    /// <exception cref="NativeSocketException">The kernel refused: <c>EPIPE</c>, <c>EMSGSIZE</c>,
    /// <c>ENOTCONN</c>.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void Send(
        ReadOnlySpan<byte> data, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        if (!TrySend(ref data, to: null))
        {
            using Readiness readiness = new(cancellationToken);
            SendRest(data, to: null, Deadline.After(timeout), timeout, readiness);
        }
    }

    /// <summary>Receives one message, or what there is of a stream, and waits while there is nothing.</summary>
    /// <param name="timeout">How long to wait at the most; null is for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The message; null at the end.</returns>
    /// <exception cref="TimeoutException">The time was over before there was anything.</exception>
    /// <exception cref="NativeSocketException">The connection failed: <c>ECONNRESET</c>.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public SocketMessage? Receive(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        Deadline deadline = Deadline.After(timeout);
        Readiness? readiness = null;
        try
        {
            while (true)
            {
                ReceiveStatus status = TryReceive(ReceiveRequest.Default, out SocketMessage? message);
                if (status is not ReceiveStatus.Nothing)
                {
                    return message;
                }

                readiness ??= new Readiness(cancellationToken);
                if (!readiness.Wait(this, WaitDirection.Receive, deadline))
                {
                    throw TimedOut("receive", timeout);
                }
            }
        }
        finally
        {
            readiness?.Dispose();
        }
    }

    /// <summary>Sends descriptors over a Unix socket (SCM_RIGHTS), all in one message. The sender's stay
    /// open.</summary>
    /// <param name="handles">Up to <see cref="MaximumHandles"/>.</param>
    /// <param name="data">The bytes they travel with: at least one, for streams carry nothing without.</param>
    /// <param name="to">Where to; null for the peer.</param>
    /// <param name="timeout">How long to wait for room at the most; null is for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The time was over before there was room.</exception>
    /// <exception cref="NativeSocketException"><c>EOPNOTSUPP</c>: not a Unix socket; or the kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The socket, or one of the handles, is closed.</exception>
    public void SendHandles(
        ReadOnlySpan<SafeHandle> handles, ReadOnlySpan<byte> data, UnixAddress? to = null, TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(data.Length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(handles.Length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(handles.Length, MaximumHandles);
        Deadline deadline = Deadline.After(timeout);
        using Readiness readiness = new(cancellationToken);
        int sent;
        while ((sent = TrySendHandles(handles, data, to)) < 0)
        {
            if (!WaitToSend(to, deadline, readiness))
            {
                throw TimedOut("send", timeout, to);
            }
        }

        // On a stream the descriptors went with the first byte; what is left of the bytes follows.
        if (sent < data.Length)
        {
            Send(data[sent..], to, deadline, timeout, readiness);
        }
    }

    /// <summary>Sends what there is room for, without waiting.</summary>
    /// <param name="data">What to send; afterwards what is left of it.</param>
    /// <param name="to">Where to; null for the peer.</param>
    /// <returns>Was all of it sent?</returns>
    internal bool TrySend(ref ReadOnlySpan<byte> data, UnixAddress? to)
    {
        ThrowIfGone();
        try
        {
            int sent = TrySendCore(data, to);
            if (sent < 0)
            {
                return false;
            }

            CountSent(sent);
            data = data[sent..];
            return data.IsEmpty;
        }
        catch (NativeSocketException refused) when (IsClosed || refused.Target is null)
        {
            throw Failure(refused, to);
        }
    }

    /// <summary>Sends, and waits while there is no room, by the caller's own means of waiting.</summary>
    internal void Send(
        ReadOnlySpan<byte> data, UnixAddress? to, Deadline deadline, TimeSpan? timeout, Readiness readiness)
    {
        if (!TrySend(ref data, to))
        {
            SendRest(data, to, deadline, timeout, readiness);
        }
    }

    /// <summary>Receives, without waiting.</summary>
    internal ReceiveStatus TryReceive(ReceiveRequest request, out SocketMessage? message)
    {
        ReceiveStatus status;
        lock (_receiveGate)
        {
            if (_putBack is { } putBack)
            {
                bool taken = TakesBack(putBack);
                message = taken ? null : putBack.Dequeue();
                _putBack = putBack.Count > 0 ? putBack : null;
                if (!taken)
                {
                    return ReceiveStatus.Message;
                }
            }

            if (IsGone)
            {
                message = null;
                return ReceiveStatus.End;
            }

            ThrowIfClosed();
            try
            {
                status = TryReceiveCore(request, out message);
            }
            catch (NativeSocketException reset) when (PutsOff(reset))
            {
                message = null;
                return ReceiveStatus.Nothing;
            }
            catch (NativeSocketException failed) when (IsClosed || failed.Target is null)
            {
                throw Failure(failed, to: null);
            }
        }

        if (status is ReceiveStatus.End)
        {
            MarkEnd();
        }

        return status;
    }

    /// <summary>Gives messages back that were received and never handed on, in their order: the next receive finds
    /// them. Nothing is lost when a pipeline stops in the middle of a batch.</summary>
    internal void PutBack(IEnumerable<SocketMessage> messages)
    {
        lock (_receiveGate)
        {
            Queue<SocketMessage> queue = new(messages);
            while (_putBack is { Count: > 0 })
            {
                queue.Enqueue(_putBack.Dequeue());
            }

            _putBack = queue.Count > 0 ? queue : null;
        }

        Wakers.Wake();
    }

    /// <summary>Waits until there is room to send.</summary>
    /// <returns>False when the time is over.</returns>
    internal virtual bool WaitToSend(UnixAddress? to, Deadline deadline, Readiness readiness) =>
        readiness.Wait(this, WaitDirection.Send, deadline);

    /// <inheritdoc/>
    private protected override WaitMode PrepareWait(WaitDirection direction) =>
        IsClosed || (direction is WaitDirection.Receive && HasPutBack) ? WaitMode.Ready : WaitMode.Descriptor;

    /// <summary>Sends without waiting: how many bytes were taken, -1 when there is no room.</summary>
    private protected abstract int TrySendCore(ReadOnlySpan<byte> data, UnixAddress? to);

    /// <summary>Sends descriptors without waiting: how many bytes were taken, -1 when there is no room.</summary>
    private protected virtual int TrySendHandlesCore(
        ReadOnlySpan<byte> data, ReadOnlySpan<SafeHandle> handles, UnixAddress? to) =>
        throw new NativeSocketException(
            "sendmsg", Errno.EOPNOTSUPP, Describe(), "Only Unix sockets carry descriptors.");

    /// <summary>Receives without waiting; called under the lock of receiving.</summary>
    private protected abstract ReceiveStatus TryReceiveCore(ReceiveRequest request, out SocketMessage? message);

    /// <summary>Takes the messages that were given back out of the queue and into the stream that is to be received;
    /// false where messages have boundaries. Called under the lock of receiving.</summary>
    private protected virtual bool TakesBack(Queue<SocketMessage> messages) => false;

    /// <summary>Called once, when the end of what the peer sends is seen.</summary>
    private protected virtual void OnEnd()
    {
    }

    /// <summary>Of a seqpacket connection the kernel tells once that the peer left with messages unread, before it
    /// hands out what that peer had sent. As on a stream the messages come first, and the reset in the place of the
    /// end.</summary>
    private protected bool PutsOff(NativeSocketException error)
    {
        bool putsOff = !IsClosed && SocketType is System.Net.Sockets.SocketType.Seqpacket && error.Is(Errno.ECONNRESET);
        _reset = putsOff ? error : _reset;
        return putsOff;
    }

    /// <summary>Notes what an error means for the connection, and makes the error that says what was tried on
    /// what.</summary>
    private protected Exception Failure(NativeSocketException error, UnixAddress? to)
    {
        if (IsClosed)
        {
            return new ObjectDisposedException(GetType().Name);
        }

        // EPIPE says only that nothing more can be sent. A datagram socket goes on after every error.
        bool isConnection = _remote is not null && SocketType is not System.Net.Sockets.SocketType.Dgram;
        bool isLost = error.Is(Errno.ECONNRESET) || error.Is(Errno.ECONNABORTED) || error.Is(Errno.ETIMEDOUT)
            || error.Is(Errno.EHOSTUNREACH) || error.Is(Errno.ENETUNREACH);
        if (isConnection && isLost)
        {
            _readEnded = true;
        }

        if (isConnection && (isLost || error.Is(Errno.EPIPE)))
        {
            _writeEnded = true;
        }

        NativeSocketException explained = Explain(error, to);
        if (isConnection && isLost && !_isBorrowed)
        {
            Fail(explained);
        }

        CloseWhenEnded(hadError: false);
        return explained;
    }

    /// <summary>Makes the error that says what was tried on what, and what to do about it.</summary>
    private protected virtual NativeSocketException Explain(NativeSocketException error, UnixAddress? to)
    {
        string target = to?.ToString() ?? Describe() ?? "an unnamed socket";
        return error.WithTarget(target, Advice(error, to));
    }

    /// <summary>What a user can do about an error; null where there is nothing.</summary>
    private protected string? Advice(NativeSocketException error, UnixAddress? to = null) => error.Errno switch
    {
        "ENOENT" when to is not null => "No such socket: is the path right, and the receiver running?",
        "ECONNREFUSED" when to is { Path: null } => "Nobody has this abstract name: start the receiver.",
        "ECONNREFUSED" => "Nobody serves it: start the receiver, or remove the stale socket file.",
        "EMSGSIZE" => $"The message is longer than the send buffer holds: {Remedies.EnlargeBuffer}.",
        "ENOTCONN" when SocketType is System.Net.Sockets.SocketType.Dgram => Remedies.NameReceiver,
        "ENOTCONN" => "The socket has no peer: connect it first.",
        "EPROTOTYPE" => "The socket there is of another type (stream, seqpacket, datagram).",
        "EPIPE" => "The peer has closed the connection, or sending was shut down here.",
        _ => null,
    };

    /// <summary>The error of a wait whose time is over.</summary>
    internal TimeoutException TimedOut(string operation, TimeSpan? timeout, UnixAddress? to = null) => new(
        $"{operation} {to?.ToString() ?? Describe() ?? "on an unnamed socket"}: "
        + $"nothing within {Options.Duration.Format(timeout)}.");

    /// <summary>Counts what was received.</summary>
    private protected void CountReceived(int bytes)
    {
        Interlocked.Add(ref _bytesReceived, bytes);
        _idle?.Touch();
    }

    /// <summary>Counts a message or chunk and gives it its number; called under the lock of receiving.</summary>
    private protected long NextSequence(int bytes)
    {
        CountReceived(bytes);
        return ++_sequence;
    }

    /// <summary>Counts what was sent.</summary>
    private protected void CountSent(int bytes)
    {
        Interlocked.Add(ref _bytesSent, bytes);
        _idle?.Touch();
    }

    /// <summary>The lock under which bytes are received.</summary>
    private protected object ReceiveGate => _receiveGate;

    /// <summary>Are there messages that were given back? Without a lock: it is asked for every message.</summary>
    private protected bool HasPutBack => _putBack is not null;

    private protected void MarkEnd()
    {
        if (Interlocked.Exchange(ref _reset, null) is { } reset)
        {
            throw Failure(reset, to: null);
        }

        lock (_gate)
        {
            if (_endMarked)
            {
                return;
            }

            _endMarked = true;
            _readEnded = true;
        }

        RaiseEnded();
        OnEnd();
        CloseWhenEnded(hadError: false);
    }

    private int TrySendHandles(ReadOnlySpan<SafeHandle> handles, ReadOnlySpan<byte> data, UnixAddress? to)
    {
        ThrowIfGone();
        try
        {
            int sent = TrySendHandlesCore(data, handles, to);
            CountSent(Math.Max(sent, 0));
            return sent;
        }
        catch (NativeSocketException refused) when (IsClosed || refused.Target is null)
        {
            throw Failure(refused, to);
        }
    }

    private void SendRest(
        ReadOnlySpan<byte> data, UnixAddress? to, Deadline deadline, TimeSpan? timeout, Readiness readiness)
    {
        do
        {
            if (!WaitToSend(to, deadline, readiness))
            {
                throw TimedOut("send", timeout, to);
            }
        }
        while (!TrySend(ref data, to));
    }
}
