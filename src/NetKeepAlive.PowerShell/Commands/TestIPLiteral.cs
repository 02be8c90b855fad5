using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Test-IPLiteral: is a text an IP address, written as inet_pton(3) reads it?</summary>
[Cmdlet(VerbsDiagnostic.Test, "IPLiteral")]
[OutputType(typeof(bool))]
public sealed class TestIPLiteral : NetKeepAliveCmdlet
{
    /// <summary>The text.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowEmptyString]
    [AllowNull]
    public string? Address { get; set; }

    /// <summary>Only this version of IP: 4 or 6.</summary>
    [Parameter]
    [ValidateSet("4", "6")]
    public int Version { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        int version = IPLiteral.VersionOf(Address);
        WriteObject(version != 0 && (Version == 0 || Version == version));
    }
}
