using System;
using System.Threading;

namespace NetKeepAlive.Sockets;

/// <summary>The descriptors that a pipeline handed on in messages. Those of a message that nobody keeps wait for the
/// collector, which does not know how scarce they are; so it is called for as many as one message can carry.</summary>
internal static class ScarceHandles
{
    private static int _handedOn;

    /// <summary>The message leaves for the pipeline.</summary>
    internal static void Count(SocketMessage message) =>
        Interlocked.Add(ref _handedOn, message.Descriptors?.Count ?? 0);

    /// <summary>Closes those that nobody has any more, once there are many: before the next message brings more.</summary>
    internal static void Reclaim()
    {
        if (Volatile.Read(ref _handedOn) >= NetSocket.MaximumHandles)
        {
            Volatile.Write(ref _handedOn, 0);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
