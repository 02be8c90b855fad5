using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace NetKeepAlive.Events;

/// <summary>Takes events for handlers that run later, on a thread of somebody else.</summary>
internal interface IDeferredEvents
{
    /// <summary>Takes an event for such a handler. False for one that is to be called.</summary>
    bool TryTake(Delegate handler, object sender, EventArgs args);

    /// <summary>Ends when such handlers have done with all that was taken for them; null where none of these is one.</summary>
    Task? WhenHandled(IEnumerable<Delegate> handlers);
}
