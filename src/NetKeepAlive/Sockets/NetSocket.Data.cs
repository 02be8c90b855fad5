using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using NetKeepAlive.Descriptors;
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
    private int _isReset;

    /// <summary>Sends to the peer: one message, or all the bytes on a stream. Waits while there is no room.</summary>
    /// <param name="data">What to send; may be empty on a message socket.</param>
    /// <param name="timeout">How long to wait at the most; null is for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SendTimeoutException">The time was over before there was room for all.</exception>
    /// <exception cref="NativeSocketException">The kernel refused: <c>EPIPE</c>, <c>EMSGSIZE</c>,
    /// <c>ECONNRESET</c>.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void Send(
        ReadOnlySpan<byte> data, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Send(data, to: null, timeout, cancellationToken);

    /// <summary>Receives one message, or what there is of a stream, and waits while there is nothing.</summary>
    /// <param name="timeout">How long to wait at the most; null is for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The message; null at the end.</returns>
    /// <exception cref="TimeoutException">The time was over before there was anything.</exception>
    /// <exception cref="NativeSocketException">The connection failed: <c>ECONNRESET</c>.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public SocketMessage? Receive(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        using WaitLoop waiting = new(timeout, cancellationToken);
        SocketMessage? message;
        while (TryReceive(ReceiveRequest.Default, out message) is ReceiveStatus.Nothing)
        {
            waiting.Again(this, WaitDirection.Receive);
        }

        return message;
    }

    /// <summary>Sends descriptors over a Unix socket (SCM_RIGHTS), all in one message. The sender's stay
    /// open.</summary>
    /// <param name="handles">Up to <see cref="MaximumHandles"/>.</param>
    /// <param name="data">The bytes they travel with. A message socket carries descriptors without any, too; a stream
    /// needs at least one.</param>
    /// <param name="to">Where to; null for the peer.</param>
    /// <param name="timeout">How long to wait for room at the most; null is for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SendTimeoutException">The time was over before there was room.</exception>
    /// <exception cref="NativeSocketException"><c>EOPNOTSUPP</c>: not a Unix socket; or the kernel refused.</exception>
    /// <exception cref="ArgumentException">A stream, and no bytes.</exception>
    /// <exception cref="ObjectDisposedException">The socket, or one of the handles, is closed.</exception>
    public void SendHandles(
        ReadOnlySpan<SafeHandle> handles, ReadOnlySpan<byte> data, UnixAddress? to = null, TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(handles.Length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(handles.Length, MaximumHandles);
        using WaitLoop waiting = new(timeout, cancellationToken);
        int sent;
        while ((sent = TrySendHandles(handles, data, to)) < 0)
        {
            AwaitRoom(to, waiting, 0, data.Length);
        }

        // On a stream the descriptors went with the first byte; what is left of the bytes follows.
        if (sent < data.Length)
        {
            Send(data, to, waiting, sent);
        }
    }

    /// <summary>Sends what there is room for, without waiting.</summary>
    /// <param name="data">What to send; afterwards what is left of it.</param>
    /// <param name="to">Where to; null for the peer.</param>
    /// <returns>Was all of it sent?</returns>
    internal bool TrySend(ref ReadOnlySpan<byte> data, UnixAddress? to)
    {
        ThrowIfGone();
        int sent = Sent(TrySendCore(data, to), to);
        if (sent < 0)
        {
            return false;
        }

        CountSent(sent);
        data = data[sent..];
        return data.IsEmpty;
    }

    /// <summary>Sends, and waits while there is no room, by the caller's own means of waiting.</summary>
    /// <param name="data">What to send.</param>
    /// <param name="to">Where to; null for the peer.</param>
    /// <param name="waiting">How long, and by what.</param>
    /// <param name="sent">How much of it went before.</param>
    /// <param name="before">Of what this is a part of, in bytes: what went before it.</param>
    /// <param name="after">And what is to follow it.</param>
    internal void Send(
        ReadOnlySpan<byte> data, UnixAddress? to, WaitLoop waiting, int sent = 0, long before = 0, long after = 0)
    {
        ReadOnlySpan<byte> rest = data[sent..];
        long length = before + data.Length + after;
        try
        {
            while (!TrySend(ref rest, to))
            {
                AwaitRoom(to, waiting, length - after - rest.Length, length);
            }
        }
        catch (NativeSocketException failed) when (rest.Length < length - after)
        {
            throw failed.After(length - after - rest.Length, length);
        }
    }

    /// <summary>Receives, without waiting.</summary>
    internal ReceiveStatus TryReceive(ReceiveRequest request, out SocketMessage? message)
    {
        ReceiveStatus status;
        lock (_receiveGate)
        {
            if (!TakePutBack())
            {
                message = _putBack!.Dequeue();
                _putBack = _putBack.Count > 0 ? _putBack : null;
                return ReceiveStatus.Message;
            }

            if (IsGone)
            {
                message = null;
                return ReceiveStatus.End;
            }

            ThrowIfClosed();
            status = TryReceiveCore(request, out message);
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
    internal virtual bool WaitToSend(UnixAddress? to, WaitLoop waiting) =>
        waiting.Wait(this, WaitDirection.Send);

    /// <inheritdoc/>
    private protected override WaitMode PrepareWait(WaitDirection direction) =>
        HasClosed || (direction is WaitDirection.Receive && HasPutBack) ? WaitMode.Ready : WaitMode.Descriptor;

    /// <summary>Sends without waiting: how many bytes were taken, or the errno, negated.</summary>
    private protected abstract int TrySendCore(ReadOnlySpan<byte> data, UnixAddress? to);

    /// <summary>Sends descriptors without waiting: how many bytes were taken, or the errno, negated.</summary>
    private protected virtual int TrySendHandlesCore(
        ReadOnlySpan<byte> data, ReadOnlySpan<SafeHandle> handles, UnixAddress? to) =>
        throw new NativeSocketException(
            "sendmsg", Errno.EOPNOTSUPP, Describe(), "Only Unix sockets carry descriptors.");

    /// <summary>Receives without waiting; called under the lock of receiving.</summary>
    private protected abstract ReceiveStatus TryReceiveCore(ReceiveRequest request, out SocketMessage? message);

    /// <summary>Makes the messages that were given back part of the stream that is to be received again; false where
    /// messages have boundaries. Called under the lock of receiving.</summary>
    private protected virtual bool TakesBack(Queue<SocketMessage> messages) => false;

    /// <summary>Called once, when the end of what the peer sends is seen.</summary>
    private protected virtual void OnEnd()
    {
    }

    /// <summary>Sends, and waits while there is no room, by means made when they are first needed.</summary>
    private protected void Send(
        ReadOnlySpan<byte> data, UnixAddress? to, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> rest = data;
        if (!TrySend(ref rest, to))
        {
            using WaitLoop waiting = new(timeout, cancellationToken);
            Send(data, to, waiting, data.Length - rest.Length);
        }
    }

    /// <summary>What a call that sends answered: a count; -1 when it would have to wait.</summary>
    /// <exception cref="NativeSocketException">It failed.</exception>
    private protected int Sent(int answer, UnixAddress? to, string operation = "send") =>
        answer >= 0 ? answer
        : -answer == Errno.EAGAIN.Value ? -1
        : throw Failure(operation, Errno.FromNumber(-answer), to);

    /// <summary>What a call that receives answered: a count; -1 when it would have to wait.</summary>
    /// <exception cref="NativeSocketException">It failed.</exception>
    private protected int Received(int answer, string operation = "recvmsg") =>
        answer >= 0 ? answer
        : -answer == Errno.EAGAIN.Value || PutsOff(Errno.FromNumber(-answer)) ? -1
        : throw Failure(operation, Errno.FromNumber(-answer), to: null);

    /// <summary>Of a seqpacket connection the kernel tells once that the peer left with messages unread, before it
    /// hands out what that peer had sent. As on a stream the messages come first, and the reset in the place of the
    /// end.</summary>
    private protected bool PutsOff(Errno? error)
    {
        bool putsOff = !HasClosed && SocketType is System.Net.Sockets.SocketType.Seqpacket && error == Errno.ECONNRESET;
        if (putsOff)
        {
            Volatile.Write(ref _isReset, 1);
        }

        return putsOff;
    }

    /// <summary>Notes what an error means for the connection, and makes the exception: what was tried on what, and what
    /// to do about it.</summary>
    private protected Exception Failure(string operation, Errno error, UnixAddress? to)
    {
        if (HasClosed)
        {
            return new ObjectDisposedException(GetType().Name);
        }

        // EPIPE says only that nothing more can be sent. A datagram socket goes on after every error.
        bool isConnection = _remote is not null && SocketType is not System.Net.Sockets.SocketType.Dgram;
        bool isLost = error == Errno.ECONNRESET || error == Errno.ECONNABORTED || error == Errno.ETIMEDOUT
            || error == Errno.EHOSTUNREACH || error == Errno.ENETUNREACH;
        _readEnded |= isConnection && isLost;
        _writeEnded |= isConnection && (isLost || error == Errno.EPIPE);
        NativeSocketException failure = new(operation, error, Target(to), Advice(operation, error, to));
        if (isConnection && isLost && !_isBorrowed)
        {
            Fail(failure);
        }

        CloseWhenEnded(hadError: false);
        return failure;
    }

    /// <summary>Counts what was received.</summary>
    private protected void CountReceived(int bytes)
    {
        Interlocked.Add(ref _bytesReceived, bytes);
        _idle?.Touch();
    }

    /// <summary>The number of the next message or chunk; called under the lock of receiving.</summary>
    private protected long NextSequence() => ++_sequence;

    /// <summary>Counts what was sent.</summary>
    internal void CountSent(int bytes)
    {
        Interlocked.Add(ref _bytesSent, bytes);
        _idle?.Touch();
    }

    /// <summary>The lock under which bytes are received.</summary>
    private protected object ReceiveGate => _receiveGate;

    /// <summary>Are there messages that were given back? Without a lock: it is asked for every message.</summary>
    private protected bool HasPutBack => _putBack is not null;

    /// <summary>Are there no messages that were given back, or have they become part of the stream? Called under the
    /// lock of receiving.</summary>
    private protected bool TakePutBack()
    {
        if (_putBack is { } putBack && TakesBack(putBack))
        {
            _putBack = null;
        }

        return _putBack is null;
    }

    /// <summary>Closes a connection on which nothing can be received or sent any more.</summary>
    private protected void MarkLost(Exception failure)
    {
        _readEnded = true;
        _writeEnded = true;
        if (!_isBorrowed)
        {
            Fail(failure);
        }
    }

    private protected void MarkEnd()
    {
        if (Interlocked.Exchange(ref _isReset, 0) != 0)
        {
            throw Failure("recvmsg", Errno.ECONNRESET, to: null);
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

    /// <summary>Waits until there is room, after a try to send failed for want of it.</summary>
    /// <param name="to">Where to; null for the peer.</param>
    /// <param name="waiting">How long, and by what.</param>
    /// <param name="sent">How many bytes were sent so far.</param>
    /// <param name="length">Of how many.</param>
    /// <exception cref="SendTimeoutException">The time is over.</exception>
    private protected void AwaitRoom(UnixAddress? to, WaitLoop waiting, long sent, long length)
    {
        if (WaitToSend(to, waiting))
        {
            return;
        }

        string what = sent == 0
            ? "no room for anything"
            : $"{sent} of {length} bytes were sent, and no room for the rest";
        string rest = sent == 0
            ? string.Empty
            : " What was sent cannot be taken back: the peer has the beginning only, so send the rest or close the "
                + "connection.";
        throw new SendTimeoutException(waiting.Deadline.Say($"send {Target(to)}: {what}") + rest, sent, length);
    }

    /// <inheritdoc/>
    private protected override TimeoutException TimedOut(WaitDirection direction, Deadline deadline) =>
        deadline.TimedOut($"{(direction is WaitDirection.Send ? "send" : "receive")} {Target(to: null)}: nothing");

    /// <summary>What an operation is on, in words.</summary>
    private protected string Target(UnixAddress? to) => to?.ToString() ?? Describe() ?? "an unnamed socket";

    private string? Advice(string operation, Errno error, UnixAddress? to) => error.Name switch
    {
        nameof(Errno.ENOENT) when to is not null => "No such socket: is the path right, and the receiver running?",
        nameof(Errno.ECONNREFUSED) when to is { Path: null } => "Nobody has this abstract name: start the receiver.",
        nameof(Errno.ECONNREFUSED) => "Nobody serves it: start the receiver, or remove the stale socket file.",
        nameof(Errno.ENOTSOCK) when to is not null => "What lies there is not a socket.",
        nameof(Errno.EISCONN) => "The socket is connected, and sends to its peer alone: name no other.",
        nameof(Errno.EMSGSIZE) when operation.StartsWith("recv", System.StringComparison.Ordinal) =>
            "This process has no room for the descriptors that came: close some, or raise its limit (RLIMIT_NOFILE).",
        nameof(Errno.EMSGSIZE) => $"The message is longer than the send buffer holds: {Remedies.EnlargeBuffer}.",
        nameof(Errno.ENOTCONN) or nameof(Errno.EDESTADDRREQ) when SocketType is System.Net.Sockets.SocketType.Dgram =>
            Remedies.NameReceiver,
        nameof(Errno.ENOTCONN) => "The socket has no peer: connect it first.",
        nameof(Errno.EPROTOTYPE) => "The socket there is of another type (stream, seqpacket, datagram).",
        nameof(Errno.EPIPE) => "The peer has closed the connection, or sending was shut down here.",
        _ => null,
    };

    private int TrySendHandles(ReadOnlySpan<SafeHandle> handles, ReadOnlySpan<byte> data, UnixAddress? to)
    {
        ThrowIfGone();
        foreach (SafeHandle handle in handles)
        {
            SharedSockets.Mark(handle);
        }

        int sent = Sent(TrySendHandlesCore(data, handles, to), to, "sendmsg");
        CountSent(Math.Max(sent, 0));
        return sent;
    }
}
