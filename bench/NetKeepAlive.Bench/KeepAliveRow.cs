using System;
using System.Diagnostics;
using System.Net.Sockets;
using NetKeepAlive.Options;

namespace NetKeepAlive.Bench;

/// <summary>Set interval, set probes, get both.</summary>
internal static class KeepAliveRow
{
    private const int Rounds = 500_000;

    internal static double Run(string[] arguments)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Loop(socket.SafeHandle, Rounds / 5);
        long start = Stopwatch.GetTimestamp();
        Loop(socket.SafeHandle, Rounds);
        return Rounds / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Loop(SafeSocketHandle socket, int rounds)
    {
        TimeSpan interval = TimeSpan.FromSeconds(10);
        for (int i = 0; i < rounds; i++)
        {
            SocketOptions.KeepAliveInterval.Set(socket, interval);
            SocketOptions.KeepAliveProbeCount.Set(socket, 3);
            if (SocketOptions.KeepAliveInterval.Get(socket) != interval
                || SocketOptions.KeepAliveProbeCount.Get(socket) != 3)
            {
                throw new InvalidOperationException("What was set was not read back.");
            }
        }
    }
}
