using System;
using System.Management.Automation;
using System.Net.Sockets;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Connect-SeqpacketSocket: connects to a seqpacket listener.</summary>
[Cmdlet(VerbsCommunications.Connect, "SeqpacketSocket", DefaultParameterSetName = PathSet)]
[OutputType(typeof(SeqpacketSocket))]
public sealed class ConnectSeqpacketSocket : UnixConnectingCmdlet
{
    /// <summary>A path for this side of the connection, which the listener's side then sees.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LocalPath { get; set; }

    /// <summary>Ask the kernel who sent each message.</summary>
    [Parameter]
    public SwitchParameter PassCredential { get; set; }

    private protected override Func<NetSocket> Connecting(UnixAddress address)
    {
        UnixAddress? local = UnixPaths.FromText(this, LocalPath);
        return () => UnixSockets.Connect(
            SocketType.Seqpacket, address, local, PassCredential, Timeout, StopToken);
    }
}
