using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.Addresses;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.Tables;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Get-TcpConnection: the TCP connections and listeners of the system, from the kernel's own table.</summary>
[Cmdlet(VerbsCommon.Get, "TcpConnection")]
[OutputType(typeof(TcpConnection))]
public sealed class GetTcpConnection : NetKeepAliveCmdlet
{
    /// <summary>This side's address, or a network: <c>10.0.0.0/8</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[]? LocalAddress { get; set; }

    /// <summary>This side's port.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 65535)]
    public int[]? LocalPort { get; set; }

    /// <summary>The peer's address, or a network.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[]? RemoteAddress { get; set; }

    /// <summary>The peer's port.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 65535)]
    public int[]? RemotePort { get; set; }

    /// <summary>The states that are wanted; all when left out. Closed lists sockets that are bound and nothing
    /// more.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public TcpConnectionState[]? State { get; set; }

    /// <summary>The processes whose connections are wanted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ProcessId", "Id")]
    [ValidateRange(1, int.MaxValue)]
    public int[]? OwningProcess { get; set; }

    /// <summary>The network namespaces to look into.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string[]? NetworkNamespace { get; set; }

    /// <summary>Reads the keep-alive settings too, through the owner's descriptor, where this user may.</summary>
    [Parameter]
    public SwitchParameter KeepAlive { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Patterns(LocalAddress, nameof(LocalAddress)) is not { } local
            || Patterns(RemoteAddress, nameof(RemoteAddress)) is not { } remote)
        {
            return;
        }

        TcpConnectionFilter filter = new()
        {
            LocalAddress = local,
            LocalPort = LocalPort ?? [],
            RemoteAddress = remote,
            RemotePort = RemotePort ?? [],
            State = State ?? [],
            OwningProcess = OwningProcess ?? [],
            Networks = (NetworkNamespace ?? []).SelectMany(NetNamespace.Find).DistinctBy(static it => it?.Inode).ToList(),
        };
        Attempt(null, () =>
        {
            using SocketTables tables = new() { Unreachable = error => WriteError(ErrorRecords.From(error, null)) };
            foreach (TcpConnection connection in tables.List(filter, StopToken))
            {
                _ = KeepAlive && tables.ReadKeepAlive(connection);
                WriteObject(connection);
            }
        });
    }

    // Null where one could not be read: a filter less would list what nobody asked for.
    private List<AddressPattern>? Patterns(string[]? addresses, string parameter)
    {
        List<AddressPattern> patterns = [];
        foreach (string address in addresses ?? [])
        {
            try
            {
                patterns.Add(AddressPattern.Parse(address));
            }
            catch (FormatException error)
            {
                WriteError(ErrorRecords.From(new ArgumentException($"-{parameter}: {error.Message}", error), address));
                return null;
            }
        }

        return patterns;
    }
}
