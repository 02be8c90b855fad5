using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Descriptors;

namespace NetKeepAlive.Sockets;

/// <summary>A descriptor that came from another process.</summary>
internal static class ReceivedDescriptor
{
    /// <summary>The right object for it, which takes it over. What cannot be told, whoever sent it and whatever it is,
    /// stays the plain descriptor. At every instant one object owns it.</summary>
    internal static object Identify(SafeFileHandle descriptor)
    {
        SafeSocketHandle socket = new();
        SafeFileHandle plain = new();
        SharedSockets.Mark(socket);
        if (FindKind(descriptor) is not { } kind)
        {
            return descriptor;
        }

        nint number = descriptor.DangerousGetHandle();
        descriptor.SetHandleAsInvalid();
        Marshal.InitHandle(socket, number);
        try
        {
            return Create(kind, socket);
        }
        catch (SocketException)
        {
            socket.SetHandleAsInvalid();
            Marshal.InitHandle(plain, number);
            return plain;
        }
    }

    // No socket (ENOTSOCK), a file that is only named (O_PATH: EBADF), a family without names (EOPNOTSUPP): null.
    private static SocketKind? FindKind(SafeFileHandle descriptor)
    {
        bool held = false;
        try
        {
            descriptor.DangerousAddRef(ref held);
            using SafeSocketHandle borrowed = new(descriptor.DangerousGetHandle(), ownsHandle: false);
            return SocketKind.Of(borrowed);
        }
        catch (SocketException)
        {
            return null;
        }
        finally
        {
            if (held)
            {
                descriptor.DangerousRelease();
            }
        }
    }

    private static object Create(SocketKind kind, SafeSocketHandle socket)
    {
        try
        {
            return kind.CreateAny(socket);
        }
        catch (NotASocketException)
        {
            // A kind of socket that the module has no object for: .NET's own will do.
            return new Socket(socket);
        }
    }
}
