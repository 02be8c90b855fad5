using System.Management.Automation;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Get-TcpKeepAlivePolicy: the keep-alive policies that are in force on the system, whoever made them.</summary>
[Cmdlet(VerbsCommon.Get, "TcpKeepAlivePolicy")]
[OutputType(typeof(TcpKeepAlivePolicy))]
public sealed class GetTcpKeepAlivePolicy : NetKeepAliveCmdlet
{
    /// <summary>Names and patterns; all when left out.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PolicyName")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PolicyNameCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(null, () =>
    {
        foreach (TcpKeepAlivePolicy policy in PolicyTargets.Find(
            Name, (name, error) => WriteError(ErrorRecords.From(error, name))))
        {
            WriteObject(policy);
        }
    });
}
