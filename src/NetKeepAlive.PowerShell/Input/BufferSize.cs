using System.Management.Automation;
using System.Runtime.InteropServices;
using NetKeepAlive.Options;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Sets the size of a buffer and says so where the kernel gives less than was asked for.</summary>
internal static class BufferSize
{
    internal static void Set(PSCmdlet cmdlet, SocketOption<int> option, SafeHandle socket, int bytes)
    {
        option.Set(socket, bytes);
        int given = option.Get(socket);
        if (given < bytes)
        {
            string limit = option == SocketOptions.SendBufferSize ? "net.core.wmem_max" : "net.core.rmem_max";
            cmdlet.WriteWarning(
                $"{option.Name}: asked for {bytes} bytes, the kernel gave {given}. Its limit is {limit}.");
        }
    }
}
