using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;
using NetKeepAlive.Tables;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Get-UnixSocket: the Unix sockets of the system, from the kernel's own table, each with who is at the other
/// end.</summary>
[Cmdlet(VerbsCommon.Get, "UnixSocket")]
[OutputType(typeof(UnixSocketInfo))]
public sealed class GetUnixSocket : SocketListCmdlet
{
    /// <summary>The path that the socket is bound to, as a listener's and that of its end of each connection;
    /// <c>@name</c> is an abstract name.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("LocalPath")]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>The name in Linux's abstract namespace that the socket is bound to.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(AbstractNameCompleter))]
    public string[]? AbstractName { get; set; }

    /// <summary>The types that are wanted.</summary>
    [Parameter]
    [RequireValue]
    public UnixSocketType[]? SocketType { get; set; }

    /// <summary>The states that are wanted.</summary>
    [Parameter]
    [RequireValue]
    [UnixStateTransform]
    public UnixSocketState[]? State { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        // A row from CSV has an empty name where it has none; what is named here is no row.
        if (AbstractName is { } names && Array.Exists(names, string.IsNullOrEmpty))
        {
            ThrowTerminatingError(ErrorRecords.From(
                new ArgumentException("-AbstractName: the name is empty. An abstract name has 1 byte or more."), null));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Path, () =>
    {
        if (ReadNetworks() is not { } networks)
        {
            return;
        }

        UnixSocketFilter filter = new()
        {
            Name = Names().ToList(),
            SocketType = SocketType ?? [],
            State = State ?? [],
            Processes = ReadProcesses(),
            Networks = networks,
        };
        WriteObject(Tables.ListUnix(filter, StopToken), enumerateCollection: true);
    });

    private IEnumerable<Func<string, bool>> Names()
    {
        foreach (string path in Path ?? [])
        {
            if (!string.IsNullOrEmpty(path))
            {
                yield return path is ['@', _, ..] ? Matching(path) : Matching(
                    ParameterInput.Read(nameof(Path), () => UnixPaths.Resolve(this, path)));
            }
        }

        foreach (string name in AbstractName ?? [])
        {
            if (!string.IsNullOrEmpty(name))
            {
                yield return Matching("@" + name);
            }
        }
    }

    private static Func<string, bool> Matching(string pattern) => new NamePattern(pattern, ignoreCase: false).Matches;
}
