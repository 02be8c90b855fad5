using System;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Waiting;

/// <summary>What a wait is for.</summary>
internal enum WaitDirection
{
    /// <summary>Something to receive, or to accept.</summary>
    Receive,

    /// <summary>Room to send.</summary>
    Send,

    /// <summary>The end of what the peer sends, or of the connection; not bytes to receive.</summary>
    End,

    /// <summary>Nothing but an error, or the end of both sides.</summary>
    Failure,
}

/// <summary>What poll(2) is asked for.</summary>
internal static class WaitDirections
{
    /// <summary>The events of a direction. Errors and hang-ups are told without being asked for.</summary>
    internal static short PollEvents(this WaitDirection direction) => direction switch
    {
        WaitDirection.Send => Abi.Current.PollOut,
        WaitDirection.End => Abi.Current.PollEnd,
        WaitDirection.Failure => Abi.Current.PollFailure,
        _ => Abi.Current.PollIn,
    };
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
    SafeHandle Handle { get; }

    /// <summary>Those who wait for it now.</summary>
    Wakers Wakers { get; }

    /// <summary>Called before each wait, after the waiter has been attached to <see cref="Wakers"/>: a wake-up from
    /// then on is not lost.</summary>
    WaitMode PrepareWait(WaitDirection direction);

    /// <summary>The error of a wait whose time is over.</summary>
    TimeoutException TimedOut(WaitDirection direction, Deadline deadline);
}
