using System;
using System.Threading;

namespace NetKeepAlive.Sockets.Listeners;

/// <summary>One connection that counts against a listener's limit, until it is closed or forgotten.</summary>
internal sealed class ConnectionTicket
{
    private readonly Action _released;
    private int _done;

    internal ConnectionTicket(Action released) => _released = released;

    /// <summary>A socket that nobody closed and nobody holds any more counts no longer.</summary>
    ~ConnectionTicket() => Release();

    /// <summary>The connection is gone. Harmless when repeated.</summary>
    internal void Release()
    {
        if (Interlocked.Exchange(ref _done, 1) == 0)
        {
            GC.SuppressFinalize(this);
            _released();
        }
    }
}
