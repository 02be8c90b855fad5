using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;

namespace NetKeepAlive.Bench;

/// <summary>Accepts connections and closes them; the other side is the C program of the same name.</summary>
internal static class AcceptsRow
{
    private const int Batch = 100;

    internal static double Run(string[] arguments)
    {
        using SocketListener listener = TcpListeners.Listen(IPAddress.Loopback, 0);
        string load = Path.Combine(AppContext.BaseDirectory, "..", "accepts");
        using Process other = Process.Start(
            load, ["load", listener.LocalPort!.Value.ToString(CultureInfo.InvariantCulture)]);
        try
        {
            return Rate.Of(Batch, () =>
            {
                for (int i = 0; i < Batch; i++)
                {
                    listener.Accept().Dispose();
                }
            });
        }
        finally
        {
            other.Kill();
        }
    }
}
