using System;
using System.Management.Automation;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Tables;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>The three ways to say whose keep-alive is meant: a socket by pipeline, a descriptor of a process, the
/// system's defaults.</summary>
public abstract class KeepAliveTargetCmdlet : NetKeepAliveCmdlet
{
    private protected const string InputObjectSet = "InputObject";
    private protected const string DescriptorSet = "FileDescriptor";
    private protected const string SystemDefaultSet = "SystemDefault";

    /// <summary>What holds the socket.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [Alias("Socket")]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <summary>The process that holds the descriptor; this one when left out.</summary>
    [Parameter(ParameterSetName = DescriptorSet)]
    [Alias("OwningProcess")]
    [ValidateRange(1, int.MaxValue)]
    public int ProcessId { get; set; } = Environment.ProcessId;

    /// <summary>The number of the socket's descriptor in that process.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DescriptorSet)]
    [ValidateRange(0, int.MaxValue)]
    public int FileDescriptor { get; set; }

    /// <summary>The system's defaults.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SystemDefaultSet)]
    public SwitchParameter SystemDefault { get; set; }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case SystemDefaultSet:
                Attempt("system default", ProcessSystemDefault);
                break;

            case DescriptorSet:
                Attempt(FileDescriptor, () =>
                {
                    using SocketReference socket = ProcessDescriptor.Open(ProcessId, FileDescriptor);
                    ProcessSocket(socket, source: null, $"descriptor {FileDescriptor} of process {ProcessId}");
                });
                break;

            default:
                foreach (object? item in Many(InputObject))
                {
                    ProcessHolder(item);
                }

                break;
        }
    }

    private void ProcessHolder(object? item) => Attempt(item, () =>
    {
        object? holder = Unwrap(item);
        using SocketReference socket = SocketHolder.Open(holder);
        ProcessSocket(socket, item, SocketDescription.Of(holder));
    });

    /// <summary>Does the work on one socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="source">What the user gave; null when it was a descriptor.</param>
    /// <param name="description">What it is, in words.</param>
    private protected abstract void ProcessSocket(SocketReference socket, object? source, string description);

    /// <summary>Does the work on the system's defaults.</summary>
    private protected abstract void ProcessSystemDefault();
}
