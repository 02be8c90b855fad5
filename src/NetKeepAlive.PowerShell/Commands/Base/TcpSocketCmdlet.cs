using System.Management.Automation;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>What the cmdlets share that make TCP connections, at once or by listening for them. Naming a setting
/// of keep-alive turns it on.</summary>
public abstract class TcpSocketCmdlet : KeepAliveSettingsCmdlet
{
    /// <summary>Send small writes at once.</summary>
    [Parameter]
    public SwitchParameter NoDelay { get; set; }

    /// <summary>Go on sending after the peer has ended its side.</summary>
    [Parameter]
    public SwitchParameter AllowHalfOpen { get; set; }

    /// <summary>Addresses that are not connected to, or whose connections are closed at once.</summary>
    [Parameter]
    [RequireValue]
    public SocketBlockList? BlockList { get; set; }

    /// <summary>What is done for each connection.</summary>
    private protected AcceptedSocketSettings Settings => new()
    {
        KeepAlive = Named,
        NoDelay = NoDelay,
        AllowHalfOpen = AllowHalfOpen,
        BlockList = BlockList,
    };
}
