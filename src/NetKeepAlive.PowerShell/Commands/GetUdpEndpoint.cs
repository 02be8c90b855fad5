using System.Management.Automation;
using NetKeepAlive.PowerShell.Input;
using NetKeepAlive.Tables;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Get-UdpEndpoint: the UDP sockets of the system, from the kernel's own table.</summary>
[Cmdlet(VerbsCommon.Get, "UdpEndpoint")]
[OutputType(typeof(UdpEndpoint))]
public sealed class GetUdpEndpoint : SocketListCmdlet
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
    [ArgumentCompleter(typeof(UdpPortCompleter))]
    public string[]? LocalPort { get; set; }

    /// <summary>The address of the peer that the socket is connected to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RemoteAddressCompleter))]
    public string[]? RemoteAddress { get; set; }

    /// <summary>The port of the peer that the socket is connected to.</summary>
    [Parameter]
    [RequireValue]
    [RequireItem]
    [PortTransform]
    public string[]? RemotePort { get; set; }

    /// <summary>Leaves out sockets of the loopback addresses.</summary>
    [Parameter]
    public SwitchParameter ExcludeLoopback { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Patterns(LocalAddress, nameof(LocalAddress), StopToken) is not { } local
            || Patterns(RemoteAddress, nameof(RemoteAddress), StopToken) is not { } remote
            || ReadNetworks() is not { } networks)
        {
            return;
        }

        TcpConnectionFilter filter = new()
        {
            LocalAddress = local,
            LocalPort = Ports(LocalPort),
            RemoteAddress = remote,
            RemotePort = Ports(RemotePort),
            Processes = ReadProcesses(),
            Networks = networks,
            ExcludeLoopback = ExcludeLoopback,
        };
        Attempt(null, () =>
        {
            foreach (UdpEndpoint endpoint in Tables.ListUdp(filter, StopToken))
            {
                WriteObject(endpoint);
            }
        });
    }
}
