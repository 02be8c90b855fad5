using System.Management.Automation;

namespace OneCmdlet;

/// <summary>The smallest binary module there is, for Import-Module to be measured beside.</summary>
[Cmdlet(VerbsCommon.Get, "One")]
[OutputType(typeof(int))]
public sealed class GetOne : PSCmdlet
{
    protected override void ProcessRecord() => WriteObject(1);
}
