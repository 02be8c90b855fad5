using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;
using NetKeepAlive.Tables;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>A cmdlet that lists sockets of the system: whose, and of which network namespaces.</summary>
public abstract class SocketListCmdlet : NetKeepAliveCmdlet
{
    private int _hiddenNetworks;

    /// <summary>The processes whose sockets are wanted; they are looked for in the network namespaces that these
    /// processes are in.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ProcessId", "Id")]
    [EmptyCell]
    [ProcessIdTransform]
    [RequireItem]
    [ArgumentCompleter(typeof(OwningProcessCompleter))]
    public int[]? OwningProcess { get; set; }

    /// <summary>The names of the processes whose sockets are wanted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(OwningProcessNameCompleter))]
    public string[]? ProcessName { get; set; }

    /// <summary>The network namespaces to look into: names under /run/netns, paths, ids of processes, or <c>*</c> for
    /// all.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RequireItem]
    [ArgumentCompleter(typeof(NetworkNamespaceCompleter))]
    public string[]? NetworkNamespace { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        // A row that is piped in may well have no owner, path or namespace; what is named here is no row.
        foreach ((string name, object? value) in MyInvocation.BoundParameters)
        {
            if (value is null)
            {
                ThrowTerminatingError(ErrorRecords.From(
                    new ArgumentException(
                        $"-{name}: the value is null or empty. Is the variable set? Leave the parameter out to list all."),
                    null));
            }
        }

        RefuseEmpty(nameof(NetworkNamespace), NetworkNamespace, "A network namespace is a name, a path or the id of a process.");
    }

    /// <summary>Refuses an empty name; for <see cref="BeginProcessing"/>, where no row has been bound yet.</summary>
    private protected void RefuseEmpty(string parameter, string[]? names, string accepted)
    {
        if (names is not null && Array.Exists(names, string.IsNullOrEmpty))
        {
            ThrowTerminatingError(ErrorRecords.From(
                new ArgumentException($"-{parameter}: the name is empty. {accepted}"), null));
        }
    }

    /// <inheritdoc/>
    private protected override SocketTables CreateTables() => new()
    {
        Unreachable = OnUnreachable,
    };

    /// <summary>A network namespace could not be entered: the others are listed all the same.</summary>
    private protected virtual void OnUnreachable(NativeSocketException error) => WriteError(ErrorRecords.From(error, null));

    /// <summary>Tells once what lacked rights, and how much it was.</summary>
    protected override void EndProcessing()
    {
        if (_hiddenNetworks > 0)
        {
            WriteWarning(
                $"The network {(_hiddenNetworks == 1 ? "namespace of 1 process" : $"namespaces of {_hiddenNetworks} processes")} "
                + $"could not be seen for lack of rights. {SocketTables.RightsAdvice}");
        }

        if (Tables is not { HiddenOwnerCount: > 0 } and not { HiddenSettingsCount: > 0 })
        {
            return;
        }

        List<string> parts = [];
        if (Tables.HiddenOwnerCount > 0)
        {
            parts.Add($"the owner of {Tables.HiddenOwnerCount}");
        }

        if (Tables.HiddenSettingsCount > 0)
        {
            parts.Add($"the keep-alive settings of {Tables.HiddenSettingsCount}");
        }

        string what = string.Join(" and ", parts);
        string left = Tables.LeftOutCount switch
        {
            0 => string.Empty,
            1 => ", and 1 was left out",
            _ => $", and {Tables.LeftOutCount} were left out",
        };
        WriteWarning(
            $"Of {Tables.FoundCount} {(Tables.FoundCount == 1 ? "socket" : "sockets")}, {what} could not be read for lack of "
            + $"rights{left}. {SocketTables.RightsAdvice}");
    }

    /// <summary>The processes that are named.</summary>
    private protected virtual IReadOnlyList<int> WantedProcesses => OwningProcess ?? [];

    /// <summary>Whose sockets are asked for. A process that is not there is an error by itself.</summary>
    private protected ProcessFilter ReadProcesses()
    {
        IReadOnlyList<int> processes = WantedProcesses;
        foreach (int process in processes)
        {
            if (ReportsGoneProcesses && !ProcessSockets.IsThere(process))
            {
                WriteError(ErrorRecords.From(
                    new NativeSocketException("open", Errno.ESRCH, $"process {process}"), process));
            }
        }

        NamePattern[] names = (ProcessName ?? []).Select(static name => new NamePattern(name)).ToArray();
        return new ProcessFilter
        {
            Ids = processes,
            Name = names.Length == 0 ? null : name => Array.Exists(names, it => it.Matches(name)),
        };
    }

    /// <summary>Is a process that is not there an error? Where sockets are awaited to be gone it is not.</summary>
    private protected virtual bool ReportsGoneProcesses => true;

    /// <summary>Where to look; null where nothing that was named could be read, and errors said why.</summary>
    private protected IReadOnlyList<NetNamespace?>? ReadNetworks()
    {
        List<NetNamespace?> networks = [];
        bool isNamed = false;
        foreach (string word in (NetworkNamespace ?? []).Where(static it => !string.IsNullOrEmpty(it)))
        {
            isNamed = true;
            Attempt(word, () =>
            {
                // A relative path is PowerShell's.
                string named = word is not ['/', ..] && word.Contains('/', StringComparison.Ordinal)
                    ? ParameterInput.Read(nameof(NetworkNamespace), () => UnixPaths.Resolve(this, word))
                    : word;
                networks.AddRange(NetNamespace.Find(named, out int hidden));
                _hiddenNetworks = Math.Max(_hiddenNetworks, hidden);
            });
        }

        return isNamed && networks.Count == 0 ? null : networks.DistinctBy(static it => it?.Inode).ToList();
    }

    /// <summary>The addresses that were named; null where one could not be read: a filter less would list what nobody
    /// asked for.</summary>
    /// <param name="addresses">What was written.</param>
    /// <param name="parameter">Where.</param>
    /// <param name="token">Ends the wait for a resolver.</param>
    private protected IReadOnlyList<AddressPattern>? Patterns(string[]? addresses, string parameter, CancellationToken token)
    {
        List<AddressPattern> patterns = [];
        foreach (string address in addresses ?? [])
        {
            if (!Attempt(
                address,
                () => patterns.AddRange(ParameterInput.Read(parameter, () => HostWords.Parse(address, token)))))
            {
                return null;
            }
        }

        return patterns;
    }

    /// <summary>The ports that were named.</summary>
    private protected static IReadOnlyList<PortRange> Ports(string[]? ports) =>
        (ports ?? []).Select(ServiceNames.ParsePorts).ToList();
}
