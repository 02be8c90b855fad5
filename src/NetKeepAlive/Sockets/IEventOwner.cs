using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive;

/// <summary>A socket or listener, of which one event is raised by what goes on in the background.</summary>
internal interface IEventOwner : IWaitable
{
    /// <summary>Has it been closed?</summary>
    bool IsClosed { get; }

    /// <summary>Reads or accepts, and raises the event, until cancelled. Never fails.</summary>
    Task RunAsync(CancellationToken cancellation);
}
