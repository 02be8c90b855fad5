using System;
using System.Net.Sockets;

namespace NetKeepAlive;

/// <summary>A listening socket.</summary>
public sealed class SocketListener : IDisposable
{
    private SocketListener(Socket socket) => Socket = socket;

    /// <summary>The .NET socket, for interop with .NET.</summary>
    public Socket Socket { get; }

    internal SafeSocketHandle Handle => Socket.SafeHandle;

    /// <inheritdoc/>
    public void Dispose() => Socket.Dispose();
}
