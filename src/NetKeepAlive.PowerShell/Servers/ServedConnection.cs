using System;
using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>One connection of a server, from being accepted until it is closed.</summary>
internal sealed class ServedConnection(NetSocket socket)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _completed;
    private int _ending;
    private int _taken;
    private long _bytes;
    private long _lastSeen;

    internal NetSocket Socket { get; } = socket;

    /// <summary>Who serves it; null while it waits.</summary>
    internal Pump? Pump { get; private set; }

    /// <summary>Ends when it is served to its end.</summary>
    internal Task Done => _done.Task;

    /// <summary>Claims to be the one who serves it, or who closes it before anybody does.</summary>
    /// <returns>False for all but the first.</returns>
    internal bool TryTake(Pump? pump)
    {
        bool isFirst = Interlocked.Exchange(ref _taken, 1) == 0;
        if (isFirst)
        {
            Volatile.Write(ref _lastSeen, Environment.TickCount64);
            Pump = pump;
        }

        return isFirst;
    }

    /// <summary>Claims to be the one who ends it before its script block does.</summary>
    /// <returns>False for all but the first.</returns>
    internal bool TryBeginEnding() => Interlocked.Exchange(ref _ending, 1) == 0;

    /// <summary>Claims to be the one who counts it as served.</summary>
    /// <returns>False for all but the first.</returns>
    internal bool TryComplete() => Interlocked.Exchange(ref _completed, 1) == 0;

    internal void SetDone() => _done.SetResult();

    /// <summary>Looks whether anything was sent or received since the last look. A connection that waits to be served is
    /// not silent: nobody has asked it anything.</summary>
    /// <returns>For how long nothing was.</returns>
    internal TimeSpan LookForSilence()
    {
        if (Pump is null)
        {
            return TimeSpan.Zero;
        }

        long bytes = Socket.BytesReceived + Socket.BytesSent;
        long now = Environment.TickCount64;
        if (bytes != _bytes)
        {
            _bytes = bytes;
            _lastSeen = now;
        }

        return TimeSpan.FromMilliseconds(now - _lastSeen);
    }
}
