using System.Management.Automation;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Options;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Get-TcpKeepAlive: the keep-alive settings of a TCP socket, of a descriptor of a process, or of the
/// system.</summary>
[Cmdlet(VerbsCommon.Get, "TcpKeepAlive", DefaultParameterSetName = InputObjectSet)]
[OutputType(typeof(TcpKeepAlive))]
public sealed class GetTcpKeepAlive : KeepAliveTargetCmdlet
{
    private protected override void ProcessSocket(SocketReference socket, object? source, string description)
    {
        PSObject settings = new(TcpKeepAlive.Read(socket.Handle));
        settings.Properties.Add(new PSNoteProperty("Socket", Unwrap(source) ?? description));
        WriteObject(settings);
    }

    private protected override void ProcessSystemDefault() => WriteObject(SystemKeepAlive.Read());
}
