using System;
using System.Management.Automation;
using System.Threading;
using NetKeepAlive.PowerShell.Input;
using NetKeepAlive.Tables;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>A cmdlet that looks for TCP connections.</summary>
public abstract class TcpConnectionFilterCmdlet : SocketListCmdlet
{
    /// <summary>This side's address: one, a network (<c>10.0.0.0/8</c>), a wildcard (<c>10.0.*</c>) or a name.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(LocalAddressCompleter))]
    public string[]? LocalAddress { get; set; }

    /// <summary>This side's port: a number, a range (<c>8000-8099</c>) or a service.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [RequireValue]
    [RequireItem]
    [PortTransform]
    [ArgumentCompleter(typeof(ConnectionPortCompleter))]
    public string[]? LocalPort { get; set; }

    /// <summary>The peer's address, as -LocalAddress takes it.</summary>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RemoteAddressCompleter))]
    public string[]? RemoteAddress { get; set; }

    /// <summary>The peer's port, as -LocalPort takes it.</summary>
    [Parameter(Position = 3, ValueFromPipelineByPropertyName = true)]
    [RequireValue]
    [RequireItem]
    [PortTransform]
    [ArgumentCompleter(typeof(RemotePortCompleter))]
    public string[]? RemotePort { get; set; }

    /// <summary>The states that are wanted, also in the words of ss and netstat; all when left out. Closed lists sockets
    /// that are bound and nothing more.</summary>
    [Parameter]
    [RequireValue]
    [RequireItem]
    [TcpStateTransform]
    public TcpConnectionState[]? State { get; set; }

    /// <summary>Reads the keep-alive settings too, through the owner's descriptor, where this user may.</summary>
    [Parameter]
    public SwitchParameter KeepAlive { get; set; }

    /// <summary>Only connections without keep-alive, or whose idle time is longer: what a NAT of that timeout would
    /// drop.</summary>
    [Parameter]
    [Duration(0, DurationAttribute.LongestWait)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? IdleTimeOver { get; set; }

    /// <summary>Leaves out connections of this machine with itself.</summary>
    [Parameter]
    public SwitchParameter ExcludeLoopback { get; set; }

    /// <summary>What is asked for; null where it could not be read, and an error said why.</summary>
    /// <param name="token">Ends the wait for a resolver.</param>
    private protected TcpConnectionFilter? ReadFilter(CancellationToken token)
    {
        if (Patterns(LocalAddress, nameof(LocalAddress), token) is not { } local
            || Patterns(RemoteAddress, nameof(RemoteAddress), token) is not { } remote
            || ReadNetworks() is not { } networks)
        {
            return null;
        }

        return new TcpConnectionFilter
        {
            LocalAddress = local,
            LocalPort = Ports(LocalPort),
            RemoteAddress = remote,
            RemotePort = Ports(RemotePort),
            State = State ?? [],
            Processes = ReadProcesses(),
            Networks = networks,
            KeepAlive = KeepAlive,
            IdleTimeOver = IdleTimeOver,
            ExcludeLoopback = ExcludeLoopback,
        };
    }
}
