using System;
using System.Net.Sockets;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;

namespace NetKeepAlive.Bench;

/// <summary>Set interval, set probes, get both.</summary>
internal static class KeepAliveRow
{
    private const int Rounds = 2_000;

    internal static double Run(string[] arguments)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        return Rate.Of(Rounds, () => Loop(socket.SafeHandle));
    }

    private static void Loop(SafeSocketHandle socket)
    {
        TimeSpan interval = TimeSpan.FromSeconds(10);
        for (int i = 0; i < Rounds; i++)
        {
            using HeldDescriptor descriptor = new(socket);
            SocketOptions.KeepAliveInterval.Set(descriptor, interval);
            SocketOptions.KeepAliveProbeCount.Set(descriptor, 3);
            if (SocketOptions.KeepAliveInterval.Get(descriptor) != interval
                || SocketOptions.KeepAliveProbeCount.Get(descriptor) != 3)
            {
                throw new InvalidOperationException("What was set was not read back.");
            }
        }
    }
}
