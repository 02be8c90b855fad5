using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Events;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
using NetKeepAlive.Sockets;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <content>Events, for Register-ObjectEvent and for .NET. They are raised on threads of the pool.</content>
public abstract partial class NetSocket
{
    // So much is read before handlers that run later, as PowerShell's actions do, have done with it: then what comes
    // stays in the kernel, and the peer waits.
    private const int MostMessagesAhead = 10_000;
    private const long MostBytesAhead = 16 * 1024 * 1024;

    // The longest that a timer of .NET takes.
    private static readonly TimeSpan LongestIdleLimit = TimeSpan.FromSeconds(Duration.LongestTimer);

    private EventLoop? _reading;
    private EventLoop? _watching;
    private readonly HandleAllowance _unasked = new(MaximumHandles);
    private EventHandler<SocketMessage>? _dataReceived;
    private EventHandler? _ended;
    private EventHandler? _idleTimeout;
    private IdleWatch? _idle;
    private int _messagesAhead;
    private long _bytesAhead;

    /// <summary>A message, or a chunk of a stream, was received. Reading begins when the first handler is added and
    /// ends when the last is removed; meanwhile what comes goes to the handlers.</summary>
    public event EventHandler<SocketMessage>? DataReceived
    {
        add => AddHandler(ref _dataReceived, value, Events.GetLoop(ref _reading, ReadAsync));
        remove => RemoveHandler(ref _dataReceived, value, _reading);
    }

    /// <summary>The peer has ended its side; raised once, whoever reads, or nobody.</summary>
    public event EventHandler? Ended
    {
        add => AddHandler(ref _ended, value, Watching);
        remove => RemoveHandler(ref _ended, value, null);
    }

    /// <summary>Nothing was sent or received for <see cref="IdleLimit"/>; raised once, and again only after traffic. It
    /// notifies and does nothing else.</summary>
    public event EventHandler? IdleTimeout
    {
        add => AddHandler(ref _idleTimeout, value, null);
        remove => RemoveHandler(ref _idleTimeout, value, null);
    }

    /// <summary>After how much silence <see cref="IdleTimeout"/> is raised; zero is never.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than zero, or more than 49 days.</exception>
    public TimeSpan IdleLimit
    {
        get => _idle?.Limit ?? TimeSpan.Zero;
        set
        {
            if (value < TimeSpan.Zero || value > LongestIdleLimit)
            {
                throw new ArgumentOutOfRangeException(
                    null,
                    $"IdleTimeout: {Duration.Format(value)} is out of range: the accepted range is 0 s to "
                    + $"{Duration.Format(LongestIdleLimit)}.");
            }

            lock (Events.Gate)
            {
                ThrowIfClosed();
                _idle?.Dispose();
                _idle = value > TimeSpan.Zero ? new IdleWatch(value, () => Raise(_idleTimeout)) : null;
            }
        }
    }

    /// <inheritdoc/>
    private protected override EventLoop? Watching =>
        HasEnd && _remote is not null ? Events.GetLoop(ref _watching, WatchAsync) : null;

    /// <summary>Is there an end, or an error, that only a look shows? Handlers of events are told of both.</summary>
    private bool IsUnwatched =>
        HasEnd && _remote is not null && !HasClosed && !IsSuspended
        && _watching?.IsRunning is not true && _reading?.IsRunning is not true;

    /// <summary>Looks what has become of connections, by one poll(2) for all.</summary>
    internal static void LookAt(IReadOnlyCollection<NetSocket> connections)
    {
        foreach (NetSocket connection in connections)
        {
            connection.FollowHandle();
        }

        NetSocket[] unwatched = connections.Where(static it => it.IsUnwatched).ToArray();
        if (unwatched.Length == 0)
        {
            return;
        }

        PollRows rows = new();
        short events = WaitDirection.End.PollEvents();
        int[] asked = Array.ConvertAll(unwatched, it => rows.Add(it.Handle, events));
        try
        {
            if (rows.Poll(Deadline.Now) > 0)
            {
                for (int i = 0; i < unwatched.Length; i++)
                {
                    unwatched[i].See(rows.Told(asked[i], events));
                }
            }
        }
        catch (NativeSocketException)
        {
            // The kernel has no memory for anything: what was known stays.
        }
    }

    /// <inheritdoc/>
    private protected override void Look()
    {
        if (IsUnwatched)
        {
            LookAt([this]);
        }
    }

    /// <summary>Ends when there may be something to receive.</summary>
    private protected virtual async ValueTask WaitToReceiveAsync(CancellationToken cancellation)
    {
        if (HasPutBack)
        {
            return;
        }

        await Watcher.WhenReadyAsync(this, WaitDirection.Receive, cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends when the handlers have done with the data that they were given; null where they have.</summary>
    private protected Task? WhenHandled() => SocketEvents.WhenHandled(_dataReceived, _ended);

    private bool IsFarAhead => _messagesAhead >= MostMessagesAhead || _bytesAhead >= MostBytesAhead;

    private async Task ReadAsync(CancellationToken cancellation)
    {
        try
        {
            bool ended = false;
            while (!ended)
            {
                // What was given back is there at once and ends no wait.
                cancellation.ThrowIfCancellationRequested();
                await WhenResumed(cancellation).ConfigureAwait(false);
                if (IsFarAhead)
                {
                    await (WhenHandled() ?? Task.CompletedTask).WaitAsync(cancellation).ConfigureAwait(false);
                    (_messagesAhead, _bytesAhead) = (0, 0);
                }

                await WaitToReceiveAsync(cancellation).ConfigureAwait(false);
                ended = ReadWhatThereIs(cancellation);
            }
        }
        catch (Exception failed) when (failed is SocketException or ObjectDisposedException or TlsException)
        {
            if (!cancellation.IsCancellationRequested)
            {
                Fail(failed);
            }
        }
    }

    // The peer's end, or an error, comes to light also where nobody reads.
    private async Task WatchAsync(CancellationToken cancellation)
    {
        short told = await Watcher.WhenReadyAsync(this, WaitDirection.End, cancellation).ConfigureAwait(false);
        if (!SeeError(told))
        {
            SeeEnd();
            told = await Watcher.WhenReadyAsync(this, WaitDirection.Failure, cancellation).ConfigureAwait(false);
            SeeError(told);
        }
    }

    private void SeeEnd()
    {
        if (HasClosed)
        {
            return;
        }

        _peerEnded = true;
        if (_reading?.IsRunning is true)
        {
            // Whoever reads tells it when all that came before it has been told.
            return;
        }

        RaiseEnded();
        if (!SeesUnread())
        {
            ReceiveEnd();
        }
    }

    // What a look shows; with handlers, WatchAsync tells it.
    private void See(short told)
    {
        if (told == 0)
        {
            return;
        }

        try
        {
            // An error closes it here.
            bool hasUnread = SeesUnread();
            if (_readEnded)
            {
                return;
            }

            _peerEnded = true;
            if (!hasUnread)
            {
                ReceiveEnd();
            }
            else if ((told & Abi.Current.PollErr) != 0)
            {
                _writeEnded = true;
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or TlsException)
        {
            // Who receives next is told.
        }
    }

    private void ReceiveEnd()
    {
        if (!HasClosed && TryReceive(ReceiveRequest.Default, out SocketMessage? last) is ReceiveStatus.Message)
        {
            PutBack([last!]);
        }
    }

    // Returns whether there was one, also where the kernel tells of it as of an end.
    private bool SeeError(short told)
    {
        if ((told & Abi.Current.PollTellsError) == 0)
        {
            return false;
        }

        bool isSure = Abi.Current.PollTellsError == Abi.Current.PollErr;
        if (!SeesUnread() || HasClosed || _reading?.IsRunning is true)
        {
            return isSure || HasClosed;
        }

        // What came before the error can still be received, and then the error.
        int error = SocketOptions.Error.Get(Handle);
        if (isSure || error != 0)
        {
            Volatile.Write(ref _isReset, 1);
            RaiseError(new NativeSocketException("receive", Errno.FromNumber(error), Target(to: null)));
            return true;
        }

        return false;
    }

    // Are there bytes that nobody has received? An error that is there instead closes the socket.
    private bool SeesUnread()
    {
        try
        {
            // The kernel tells an error once: under the lock, so that nobody else who reads takes what follows it for a mere
            // end and closes the socket before the error is told.
            lock (ReceiveGate)
            {
                return !HasClosed && (PrepareWait(WaitDirection.Receive) is WaitMode.Ready
                    || Received(Libc.Recv(Handle, stackalloc byte[1], peek: true), "recv") > 0);
            }
        }
        catch (Exception failed) when (failed is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private void Fail(Exception failed)
    {
        // Closed by an error that whoever reads found first: it was told there.
        if (HasClosed)
        {
            return;
        }

        _endedByItself = true;
        RaiseError(failed is SocketException socket
            ? NativeSocketException.FromSocketException("receive", socket, Describe())
            : failed);
        Close(hadError: true);
    }

    // Returns whether the end was seen.
    private bool ReadWhatThereIs(CancellationToken cancellation)
    {
        while (!IsSuspended && !IsFarAhead && !cancellation.IsCancellationRequested)
        {
            switch (TryReceive(ReceiveRequest.Default, out SocketMessage? message))
            {
                case ReceiveStatus.Nothing:
                    return false;
                case ReceiveStatus.End:
                    return true;
            }

            if (_dataReceived is not { } handlers)
            {
                PutBack([message!]);
                return false;
            }

            _unasked.Admit(message!);
            _messagesAhead++;
            _bytesAhead += message!.Length;
            Raise(handlers, message);
        }

        return false;
    }

    private void RaiseEnded()
    {
        lock (_gate)
        {
            if (_endRaised)
            {
                return;
            }

            _endRaised = true;
        }

        Raise(_ended);
    }
}
