using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Receive-SocketHandle: receives the descriptors that come with messages, as the objects they are.</summary>
[Cmdlet(VerbsCommunications.Receive, "SocketHandle")]
[OutputType(typeof(StreamSocket), typeof(SeqpacketSocket), typeof(UnixDatagramSocket), typeof(SocketListener),
    typeof(System.Net.Sockets.Socket), typeof(SafeFileHandle))]
public sealed class ReceiveSocketHandle : SocketReceivingCmdlet
{
    private static readonly ReceiveRequest Handles = new() { WantsHandles = true };

    private int _left;

    /// <summary>How many descriptors to receive; those of one message come together.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    private protected override bool IsDone => _left <= 0;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _left = Count;
    }

    private protected override ReceiveStatus Receive(NetSocket socket)
    {
        if (socket.AddressFamily is not AddressFamily.Unix)
        {
            throw new NativeSocketException(
                "recvmsg", Errno.EOPNOTSUPP, socket.ToString(), "Only Unix sockets carry descriptors.");
        }

        ReceiveStatus status = TryReceive(socket, out SocketMessage? message);
        if (status is not ReceiveStatus.Message)
        {
            return status;
        }

        if (message!.HandlesLost)
        {
            message.Dispose();
            throw new NativeSocketException(
                "recvmsg", Errno.EMFILE, socket.ToString(),
                "This process has too many descriptors open to receive more.");
        }

        if (!message.HasHandles)
        {
            socket.PutBack([message]);
            throw None(socket);
        }

        _left -= message.Handles.Count;
        HandOn(message.TakeHandles());
        return status;
    }

    private static ReceiveStatus TryReceive(NetSocket socket, out SocketMessage? message)
    {
        try
        {
            return socket.TryReceive(Handles, out message);
        }
        catch (NativeSocketException none) when (none.Is(Errno.EPROTO))
        {
            throw None(socket);
        }
    }

    private static NativeSocketException None(NetSocket socket) => new(
        "recvmsg", Errno.EPROTO, socket.ToString(),
        "What comes next brings no descriptor: receive it with Receive-SocketData.");

    // Those that a pipeline which stops in the middle did not take are closed.
    private void HandOn(IReadOnlyList<object> handles)
    {
        int taken = 0;
        try
        {
            while (taken < handles.Count)
            {
                ThrowIfStopping();
                WriteObject(handles[taken++]);
            }
        }
        finally
        {
            for (; taken < handles.Count; taken++)
            {
                ((IDisposable)handles[taken]).Dispose();
            }
        }
    }
}
