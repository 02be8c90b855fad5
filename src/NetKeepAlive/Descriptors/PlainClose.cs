using System;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace NetKeepAlive.Descriptors;

/// <summary>
/// Closes a TCP socket that has no .NET object yet. Disposing its handle alone would reset the connection; making the
/// object only to close it asks the kernel eight questions, nearly half the cost of accepting and closing.
/// </summary>
internal static class PlainClose
{
    private static volatile bool _isMissing;

    /// <summary>Closes the connection in order, with what was sent still on its way.</summary>
    internal static void Close(SafeSocketHandle handle)
    {
        if (!_isMissing)
        {
            try
            {
                CloseAsIs(handle, abortive: false);
                return;
            }
            catch (MissingMethodException)
            {
                // A runtime that calls it something else.
                _isMissing = true;
            }
        }

        new Socket(handle).Dispose();
    }

    // What Socket.Dispose calls.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "CloseAsIs")]
    private static extern void CloseAsIs(SafeSocketHandle handle, bool abortive);
}
