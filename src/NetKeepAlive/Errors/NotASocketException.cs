using System;

namespace NetKeepAlive;

/// <summary>Something was given that holds no socket: an object of another kind, or a descriptor of a file.</summary>
public sealed class NotASocketException : ArgumentException
{
    /// <summary>Makes the error for an object.</summary>
    internal NotASocketException(object? holder)
        : base(
            $"{(holder is null ? "null" : holder.GetType().FullName)} is not a socket. Accepted are NetSocket, "
            + "SocketListener, Socket, TcpClient, TcpListener, UdpClient, NetworkStream, SslStream, SafeSocketHandle "
            + "and TcpConnection, or any object with its LocalAddress, LocalPort, RemoteAddress and RemotePort.")
    {
    }

    /// <summary>Makes the error for a descriptor.</summary>
    internal NotASocketException(string descriptor)
        : base($"{descriptor} is not a socket.")
    {
    }

    private NotASocketException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>Makes the error with words of its own.</summary>
    internal static NotASocketException Saying(string message) => new(message, null);
}
