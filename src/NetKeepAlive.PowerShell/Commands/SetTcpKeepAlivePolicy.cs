using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.Policies;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Set-TcpKeepAlivePolicy: changes what keep-alive policies set from now on, in place.</summary>
[Cmdlet(
    VerbsCommon.Set, "TcpKeepAlivePolicy", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true)]
[OutputType(typeof(TcpKeepAlivePolicy))]
public sealed class SetTcpKeepAlivePolicy : PolicySettingsCmdlet
{
    private const string InputObjectSet = "InputObject";
    private const string NameSet = "Name";

    /// <summary>The policies, as they were made or listed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    public TcpKeepAlivePolicy[] InputObject { get; set; } = [];

    /// <summary>Their names, or patterns.</summary>
    [Parameter(
        Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = NameSet)]
    [Alias("PolicyName")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PolicyNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Hands on the policies as they are then.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(null, () =>
    {
        IEnumerable<TcpKeepAlivePolicy> policies = ParameterSetName == NameSet
            ? PolicyTargets.Find(Name, (name, error) => WriteError(ErrorRecords.From(error, name)))
            : InputObject.OfType<TcpKeepAlivePolicy>();
        foreach (TcpKeepAlivePolicy policy in policies)
        {
            Attempt(policy, () => Change(policy));
        }
    });

    private void Change(TcpKeepAlivePolicy policy)
    {
        if (!ShouldProcess($"{policy}", $"Set {Describe(Settings)}"))
        {
            return;
        }

        PolicyStore.Change(policy, Settings, StopToken);
        WarnOfTwoHours(policy);
        if (PassThru)
        {
            WriteObject(policy);
        }
    }
}
