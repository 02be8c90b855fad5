using System;
using System.Net.Sockets;

namespace NetKeepAlive;

/// <summary>A socket.</summary>
public abstract class NetSocket : IDisposable
{
    private protected NetSocket(Socket socket) => Socket = socket;

    /// <summary>The .NET socket, for interop with .NET.</summary>
    public Socket Socket { get; }

    internal SafeSocketHandle Handle => Socket.SafeHandle;

    /// <inheritdoc/>
    public void Dispose()
    {
        Socket.Dispose();
        GC.SuppressFinalize(this);
    }
}
