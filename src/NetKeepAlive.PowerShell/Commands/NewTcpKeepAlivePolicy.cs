using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Policies;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>New-TcpKeepAlivePolicy: keep-alive for every connection that a control group is going to have.</summary>
[Cmdlet(
    VerbsCommon.New, "TcpKeepAlivePolicy", DefaultParameterSetName = SystemSet, SupportsShouldProcess = true)]
[OutputType(typeof(TcpKeepAlivePolicy))]
public sealed class NewTcpKeepAlivePolicy : PolicySettingsCmdlet
{
    private const string SystemSet = "System";
    private const string ControlGroupSet = "ControlGroup";
    private const string ProcessSet = "Process";
    private const string UnitSet = "Unit";

    /// <summary>The policy's name; the next free policy-N when left out.</summary>
    [Parameter(Position = 0)]
    [Alias("PolicyName")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The control group: its folder, or its path below the root of cgroup2.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ControlGroupSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ControlGroupCompleter))]
    public string ControlGroup { get; set; } = string.Empty;

    /// <summary>A process: its control group is meant.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ProcessSet)]
    [ValidateRange(1, int.MaxValue)]
    [ArgumentCompleter(typeof(OwningProcessCompleter))]
    public int ProcessId { get; set; }

    /// <summary>A unit of systemd: its control group is meant.</summary>
    [Parameter(Mandatory = true, ParameterSetName = UnitSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(UnitCompleter))]
    public string Unit { get; set; } = string.Empty;

    /// <summary>Accepted connections, those made by connecting, or both.</summary>
    [Parameter]
    public ConnectionDirection Direction { get; set; } = ConnectionDirection.Both;

    /// <summary>This side's ports and ranges; all when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ConnectionPortCompleter))]
    public string[] LocalPort { get; set; } = [];

    /// <summary>The peers' ports and ranges; all when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RemotePortCompleter))]
    public string[] RemotePort { get; set; } = [];

    /// <summary>The peers' addresses and networks; all when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RemoteAddressCompleter))]
    public string[] RemoteAddress { get; set; } = [];

    /// <summary>Also where the program has turned keep-alive on before the connection was established.</summary>
    [Parameter]
    public SwitchParameter Override { get; set; }

    /// <summary>Also sets the live connections.</summary>
    [Parameter]
    public SwitchParameter IncludeExisting { get; set; }

    /// <summary>Keeps the policy until it is removed or the system restarts.</summary>
    [Parameter]
    public SwitchParameter Persist { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        ControlGroup group = FindGroup();
        PolicyRules rules = new()
        {
            Name = Name ?? string.Empty,
            Path = group.Path,
            Unit = ParameterSetName == UnitSet ? SystemdUnit.FullName(Unit) : string.Empty,
            Direction = Direction,
            Override = Override,
            IsPersistent = Persist,
            LocalPort = PortRange.Join(Read(LocalPort, nameof(LocalPort), PortRange.Parse)),
            RemotePort = PortRange.Join(Read(RemotePort, nameof(RemotePort), PortRange.Parse)),
            RemoteAddress = Read(RemoteAddress, nameof(RemoteAddress), AddressPrefix.Parse).Distinct().ToList(),
        };
        CheckRules(rules);
        string folder = VisibleText.Escape(group.Folder);
        string where = group.Path == "/" ? $"the whole system ({folder})" : folder;
        string what = Name is null ? "a keep-alive policy" : $"the keep-alive policy {Name}";
        if (!ShouldProcess(where, $"Make {what}: {Describe(Settings)}{Conditions()}"))
        {
            return;
        }

        TcpKeepAlivePolicy policy = PolicyStore.Create(rules, Settings, group, StopToken);
        WarnOfTwoHours(policy);
        WarnOfOldKernel();
        if (IncludeExisting)
        {
            SetExisting(policy, group);
        }

        WriteObject(policy);
        if (policy.DropIn is { } dropIn)
        {
            HostInformationMessage told = new()
            {
                Message = "A restart of the unit ends the effect on its group. With this drop-in systemd (249 and later) "
                    + $"attaches the policy again each time:\n{dropIn}",
            };
            WriteInformation(told, ["PSHOST", nameof(policy.DropIn)]);
        }
    });

    // Which connections, and for how long: what -WhatIf and -Verbose say of it.
    private string Conditions()
    {
        List<string> parts = [];
        if (Direction is not ConnectionDirection.Both)
        {
            parts.Add($"{Direction}");
        }

        Add("local port", LocalPort);
        Add("remote port", RemotePort);
        Add("from or to", RemoteAddress);
        (bool Wanted, string Words)[] switches =
        [
            (Override, "also where the program has set its own"),
            (IncludeExisting, "live connections too"),
            (Persist, "until it is removed or the system restarts"),
        ];
        parts.AddRange(switches.Where(static it => it.Wanted).Select(static it => it.Words));
        return string.Concat(parts.Select(static it => $"; {it}"));

        void Add(string what, string[] values)
        {
            if (values.Length > 0)
            {
                parts.Add($"{what} {VisibleText.Escape(string.Join(", ", values))}");
            }
        }
    }

    // What is refused is told once: there may be thousands.
    private void SetExisting(TcpKeepAlivePolicy policy, ControlGroup group) => Attempt(policy, () =>
    {
        ExistingResult result = PolicyStore.SetExisting(policy, group, StopToken);
        if (result.FirstError is { } error)
        {
            WriteWarning($"{result.Failed} live connections could not be set. The first: {error.Message}");
        }
    });

    private static void CheckRules(PolicyRules rules)
    {
        try
        {
            rules.Check();
        }
        catch (ArgumentException unfit) when (unfit.ParamName is { } parameter)
        {
            throw new ArgumentException($"-{parameter}: {ErrorRecords.Words(unfit)}", unfit);
        }
    }

    private ControlGroup FindGroup()
    {
        ControlGroupTree tree = ControlGroupTree.Require();
        return ParameterSetName switch
        {
            ControlGroupSet => ParameterInput.Read(nameof(ControlGroup), () => tree.OfPath(ControlGroup)),
            ProcessSet => ParameterInput.Read(nameof(ProcessId), () => tree.OfProcess(ProcessId)),
            UnitSet => ParameterInput.Read(nameof(Unit), () => SystemdUnit.GroupOf(Unit, tree)),
            _ => tree.Whole,
        };
    }

    private static List<T> Read<T>(string[] written, string parameter, Func<string, T> parse) =>
        ParameterInput.Read(parameter, () => written.Select(parse).ToList());

    private void WarnOfOldKernel()
    {
        if (!Override && Environment.OSVersion.Version < new Version(6, 1))
        {
            WriteWarning(
                "Before Linux 6.1 a policy may not be able to tell whether a program has turned keep-alive on itself; it "
                + "then leaves connections alone and counts them in FailureCount. With -Override it need not know.");
        }
    }
}
