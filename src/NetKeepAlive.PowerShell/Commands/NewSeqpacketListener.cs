using System.Management.Automation;
using System.Net.Sockets;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>New-SeqpacketListener: listens for seqpacket connections.</summary>
[Cmdlet(VerbsCommon.New, "SeqpacketListener", DefaultParameterSetName = PathSet)]
[OutputType(typeof(SocketListener))]
public sealed class NewSeqpacketListener : UnixListenerCmdlet
{
    private protected override SocketType SocketType => SocketType.Seqpacket;
}
