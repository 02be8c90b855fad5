using System;
using System.Net.Sockets;
using System.Threading;

namespace NetKeepAlive.Connections;

/// <summary>A plain TCP connection to a host, for a test of its own.</summary>
internal static class HostConnection
{
    /// <summary>Connects; every address of the name is tried.</summary>
    /// <param name="host">The name or address.</param>
    /// <param name="port">The port.</param>
    /// <param name="timeout">When to give up; null leaves it to the system.</param>
    /// <param name="token">Ends the wait.</param>
    /// <exception cref="NativeSocketException">It could not be connected.</exception>
    /// <exception cref="TimeoutException">Not within the time.</exception>
    internal static Socket Open(string host, int port, TimeSpan? timeout, CancellationToken token)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        if (timeout is { } time)
        {
            limit.CancelAfter(time);
        }

        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.ConnectAsync(host, port, limit.Token).AsTask().GetAwaiter().GetResult();
            return socket;
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            socket.Dispose();
            throw new TimeoutException(
                $"connect {host}:{port}: no answer within {Options.Duration.Format(timeout ?? default)}.");
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw NativeSocketException.FromSocketException("connect", error, $"{host}:{port}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
