using System;
using System.Management.Automation;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Options;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Get-TcpKeepAlive: the keep-alive settings of a TCP socket, of a descriptor of a process, or of the
/// system.</summary>
[Cmdlet(VerbsCommon.Get, "TcpKeepAlive", DefaultParameterSetName = KeepAliveTarget.InputObjectSet)]
[OutputType(typeof(TcpKeepAlive))]
public sealed class GetTcpKeepAlive : NetKeepAliveCmdlet, IKeepAliveTarget
{

    /// <summary>What holds the socket.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = KeepAliveTarget.InputObjectSet)]
    [Alias("Socket", "Listener")]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <summary>The process that holds the descriptor; this one when left out.</summary>
    [Parameter(ParameterSetName = KeepAliveTarget.DescriptorSet)]
    [Alias("OwningProcess")]
    [ValidateRange(1, int.MaxValue)]
    [ArgumentCompleter(typeof(OwningProcessCompleter))]
    public int ProcessId { get; set; } = Environment.ProcessId;

    /// <summary>The number of the socket's descriptor in that process.</summary>
    [Parameter(Mandatory = true, ParameterSetName = KeepAliveTarget.DescriptorSet)]
    [ValidateRange(0, int.MaxValue)]
    public int FileDescriptor { get; set; }

    /// <summary>The system's defaults.</summary>
    [Parameter(Mandatory = true, ParameterSetName = KeepAliveTarget.SystemDefaultSet)]
    public SwitchParameter SystemDefault { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => KeepAliveTarget.Process(this);

    void IKeepAliveTarget.ProcessSocket(SocketReference socket, object? source, string description)
    {
        PSObject settings = new(TcpKeepAlive.Read(socket.Handle));
        settings.Properties.Add(new PSNoteProperty("Socket", Unwrap(source) ?? description));
        WriteObject(settings);
    }

    void IKeepAliveTarget.ProcessSystemDefault() => WriteObject(SystemKeepAlive.Read());
}
