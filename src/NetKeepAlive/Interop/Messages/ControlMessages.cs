using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

/// <summary>Writes control messages (cmsg(3)) by a platform's layout.</summary>
internal static class ControlMessages
{
    /// <summary>The most descriptors that one message can carry: Linux's <c>SCM_MAX_FD</c>.</summary>
    internal const int MaximumDescriptors = 253;

    /// <summary>Room for the most that a message brings: descriptors, credentials and a timestamp, on any
    /// platform.</summary>
    internal const int ReceiveSize = 1280;

    /// <summary>Writes one control message; returns how many bytes it takes.</summary>
    internal static int Write(Span<byte> control, in CmsgLayout layout, int level, int type, ReadOnlySpan<byte> data)
    {
        int space = layout.Space(data.Length);
        control[..space].Clear();
        int length = layout.Header + data.Length;
        if (layout.LengthSize == 8)
        {
            MemoryMarshal.Write(control, (long)length);
        }
        else
        {
            MemoryMarshal.Write(control, length);
        }

        MemoryMarshal.Write(control[layout.Level..], level);
        MemoryMarshal.Write(control[layout.Type..], type);
        data.CopyTo(control[layout.Header..]);
        return space;
    }
}
