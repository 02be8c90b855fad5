using System;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.Events;

/// <summary>A socket or listener, of which one event is raised by what goes on in the background.</summary>
internal interface IEventOwner : IWaitable
{
    /// <summary>Has it been closed?</summary>
    bool IsClosed { get; }

    /// <summary>Lets the event rest, for a time or until <see cref="Resume"/>.</summary>
    void Suspend(TimeSpan? duration);

    /// <summary>Lets it go on.</summary>
    void Resume();

    /// <summary>Reads or accepts, and raises the event, until cancelled. Never fails.</summary>
    Task RunAsync(CancellationToken cancellation);
}
