using System;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Holders;

/// <summary>Sockets in words, for messages and views.</summary>
internal static class SocketDescription
{
    /// <summary>A holder of a socket in words: <c>127.0.0.1:40000 -> 127.0.0.1:6379</c>; its type's name where the
    /// socket has no address.</summary>
    internal static string Of(object? holder) => VisibleText.Escape(Words(holder));

    private static string Words(object? holder)
    {
        if (holder is null)
        {
            return "null";
        }

        if (holder is NetSocket or SocketListener)
        {
            return holder.ToString()!;
        }

        try
        {
            return SocketHolder.FindSocket(holder) is { } socket && Addresses(socket) is { } addresses
                ? addresses
                : holder.ToString() ?? holder.GetType().Name;
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            return holder.GetType().Name;
        }
    }

    private static string? Addresses(Socket socket)
    {
        EndPoint? local = socket.LocalEndPoint;
        EndPoint? remote = socket.Connected ? socket.RemoteEndPoint : null;
        return (local, remote) switch
        {
            (null, null) => null,
            (_, null) => Name(local),
            _ => $"{Name(local)} -> {Name(remote)}",
        };
    }

    private static string? Name(EndPoint? endPoint) =>
        endPoint is IPEndPoint ip ? SocketName.Text(ip) : endPoint?.ToString();
}
