using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Options;

/// <summary>An option that the table lacks, by its numbers.</summary>
internal static class RawOption
{
    /// <summary>Sets it.</summary>
    /// <exception cref="NativeSocketException"><c>ENOPROTOOPT</c>: the kernel knows none such.</exception>
    internal static void Set(SafeHandle socket, SocketOptionLevel level, int option, ReadOnlySpan<byte> value)
    {
        using HeldDescriptor descriptor = new(socket);
        Libc.SetSockOpt(
            descriptor, SocketOption.LevelNumber(level, CurrentPlatform.Value), option, value,
            $"option {option} of level {level}");
    }
}
