using System;
using System.Net;
using System.Net.Sockets;

namespace NetKeepAlive;

/// <summary>A connection that a listener accepted.</summary>
public sealed class SocketConnectionEventArgs : EventArgs
{
    internal SocketConnectionEventArgs(NetSocket socket) => Socket = socket;

    /// <summary>The accepted socket; the handler's to close.</summary>
    public NetSocket Socket { get; }
}

/// <summary>A connection that a listener turned away. The addresses are null for Unix sockets.</summary>
public sealed class SocketConnectionDroppedEventArgs : EventArgs
{
    /// <summary>The listener's side of the connection.</summary>
    public IPAddress? LocalAddress { get; internal init; }

    /// <summary>The listener's port.</summary>
    public int? LocalPort { get; internal init; }

    /// <summary>The family of <see cref="LocalAddress"/>.</summary>
    public AddressFamily? LocalFamily => LocalAddress?.AddressFamily;

    /// <summary>Who connected.</summary>
    public IPAddress? RemoteAddress { get; internal init; }

    /// <summary>The port of who connected.</summary>
    public int? RemotePort { get; internal init; }

    /// <summary>The family of <see cref="RemoteAddress"/>.</summary>
    public AddressFamily? RemoteFamily => RemoteAddress?.AddressFamily;

    /// <summary>Why: the limit of connections, or a rule on addresses.</summary>
    public string Reason { get; internal init; } = string.Empty;
}

/// <summary>Something failed on a socket or listener.</summary>
public sealed class SocketErrorEventArgs : EventArgs
{
    internal SocketErrorEventArgs(Exception exception) => Exception = exception;

    /// <summary>What failed.</summary>
    public Exception Exception { get; }
}

/// <summary>A socket or listener was closed.</summary>
public sealed class SocketClosedEventArgs : EventArgs
{
    internal SocketClosedEventArgs(bool hadError) => HadError = hadError;

    /// <summary>Was it an error that closed it?</summary>
    public bool HadError { get; }
}
