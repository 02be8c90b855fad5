using System.Net.Sockets;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Holders;

/// <summary>A socket that was bound and does not listen yet, as programs hand it to the one that is to listen.</summary>
internal static class BoundSocket
{
    /// <summary>Makes such a socket listen; all else stays what it is.</summary>
    /// <param name="imported">What a descriptor was.</param>
    /// <param name="backlog">How many connections may wait to be accepted.</param>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static object Listen(object imported, int backlog)
    {
        if (imported is not NetSocket { Remote: null, SocketType: not SocketType.Dgram } socket
            || socket is { LocalPath: null, LocalPort: null or 0 })
        {
            return imported;
        }

        // The socket's own object lets go of its descriptor, and of nothing that belongs to the others who have it.
        SafeSocketHandle handle = RuntimeShim.Duplicate(socket.Handle);
        SharedSockets.Mark(handle);
        SharedSockets.Mark(socket.Handle);
        try
        {
            Libc.Listen(handle, backlog, socket.Describe() ?? "a bound socket");
            SocketListener listener = SocketListener.FromHandle(handle, backlog);
            socket.Dispose();
            return listener;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
