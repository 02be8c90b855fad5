using System.Management.Automation;
using System.Net;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Test-SocketBlockList: is an address on a block list?</summary>
[Cmdlet(VerbsDiagnostic.Test, "SocketBlockList")]
[OutputType(typeof(bool))]
public sealed class TestSocketBlockList : NetKeepAliveCmdlet
{
    /// <summary>The list.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public SocketBlockList? BlockList { get; set; }

    /// <summary>The address: an IPAddress, an IPEndPoint or a literal.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("RemoteAddress")]
    [IPAddressTransform]
    public IPAddress? Address { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => WriteObject(BlockList!.Check(Address!));
}
