using System;
using System.Net.Sockets;

namespace NetKeepAlive.Waiting;

/// <summary>What a wait is for.</summary>
internal enum WaitDirection
{
    /// <summary>Something to receive, or to accept.</summary>
    Receive,

    /// <summary>Room to send.</summary>
    Send,
}

/// <summary>How to wait for a socket.</summary>
internal enum WaitMode
{
    /// <summary>It is ready: bytes lie in user space, or it is closed and says so at the next try.</summary>
    Ready,

    /// <summary>Its descriptor becomes ready.</summary>
    Descriptor,

    /// <summary>Only its <see cref="IWaitable.Wakers"/> tell: bytes that TLS has in hand, a listener that
    /// rests.</summary>
    Signal,
}

/// <summary>What <see cref="Readiness"/> can wait for: a socket or a listener.</summary>
internal interface IWaitable
{
    /// <summary>The descriptor to poll.</summary>
    SafeSocketHandle Handle { get; }

    /// <summary>Those who wait for it now.</summary>
    Wakers Wakers { get; }

    /// <summary>Called before each wait, after the waiter has been attached to <see cref="Wakers"/>: a wake-up from
    /// then on is not lost.</summary>
    WaitMode PrepareWait(WaitDirection direction);

    /// <summary>The error of a wait whose time is over.</summary>
    TimeoutException TimedOut(WaitDirection direction, Deadline deadline);
}
