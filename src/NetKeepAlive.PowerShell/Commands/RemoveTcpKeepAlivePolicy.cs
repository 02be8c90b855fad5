using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.Policies;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Remove-TcpKeepAlivePolicy: ends keep-alive policies; connections keep what they have.</summary>
[Cmdlet(
    VerbsCommon.Remove, "TcpKeepAlivePolicy", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveTcpKeepAlivePolicy : NetKeepAliveCmdlet
{
    private const string InputObjectSet = "InputObject";
    private const string NameSet = "Name";

    /// <summary>The policies, as they were made or listed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [AllowNull]
    [AllowEmptyCollection]
    public TcpKeepAlivePolicy?[]? InputObject { get; set; }

    /// <summary>Their names, or patterns.</summary>
    [Parameter(
        Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = NameSet)]
    [Alias("PolicyName")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PolicyNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(null, () =>
    {
        IEnumerable<TcpKeepAlivePolicy> policies = ParameterSetName == NameSet
            ? PolicyTargets.Find(Name, (name, error) => WriteError(ErrorRecords.From(error, name)))
            : InputObject?.OfType<TcpKeepAlivePolicy>() ?? [];
        foreach (TcpKeepAlivePolicy policy in policies)
        {
            if (ShouldProcess($"{policy}", "Remove"))
            {
                Attempt(policy, () => PolicyStore.Remove(policy, StopToken));
            }
        }
    });
}
