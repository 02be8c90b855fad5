using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>New-UnixSocketPair: makes two sockets that are connected to each other.</summary>
[Cmdlet(VerbsCommon.New, "UnixSocketPair")]
[OutputType(typeof(SeqpacketSocket), typeof(UnixDatagramSocket), typeof(StreamSocket))]
public sealed class NewUnixSocketPair : NetKeepAliveCmdlet
{
    /// <summary>What both are.</summary>
    [Parameter(Position = 0)]
    public UnixSocketType SocketType { get; set; } = UnixSocketType.Seqpacket;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(SocketType, () =>
    {
        (NetSocket first, NetSocket second) = UnixSockets.CreatePair(SocketType switch
        {
            UnixSocketType.Datagram => System.Net.Sockets.SocketType.Dgram,
            UnixSocketType.Stream => System.Net.Sockets.SocketType.Stream,
            _ => System.Net.Sockets.SocketType.Seqpacket,
        });
        WriteObject(first);
        WriteObject(second);
    });
}
