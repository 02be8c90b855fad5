using System.Management.Automation;
using NetKeepAlive.Options;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>New-UnixDatagramSocket: makes a Unix datagram socket.</summary>
[Cmdlet(VerbsCommon.New, "UnixDatagramSocket", DefaultParameterSetName = PathSet)]
[OutputType(typeof(UnixDatagramSocket))]
public sealed class NewUnixDatagramSocket : UnixBindingCmdlet
{
    /// <summary>The path where others reach it; without one it can send only.</summary>
    [Parameter(Position = 0, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Where it sends to unless told otherwise, and the only one it then receives from: a path, or
    /// @name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConnectTo { get; set; }

    /// <summary>The size of the receive buffer in bytes.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ReceiveBufferSize { get; set; }

    /// <summary>The size of the send buffer in bytes, which bounds the longest message.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int SendBufferSize { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Path ?? AbstractName ?? ConnectTo, () =>
    {
        UnixDatagramSocket socket = UnixSockets.CreateDatagram(
            UnixPaths.From(this, Path, AbstractName), UnixPaths.FromText(this, ConnectTo), FileMode, Force,
            PassCredential);
        try
        {
            if (ReceiveBufferSize > 0)
            {
                BufferSize.Set(this, SocketOptions.ReceiveBufferSize, socket.Handle, ReceiveBufferSize);
            }

            if (SendBufferSize > 0)
            {
                BufferSize.Set(this, SocketOptions.SendBufferSize, socket.Handle, SendBufferSize);
            }
        }
        catch (NativeSocketException)
        {
            socket.Dispose();
            throw;
        }

        WriteObject(socket);
    });
}
