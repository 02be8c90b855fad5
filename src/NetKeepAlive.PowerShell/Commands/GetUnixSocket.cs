using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Net.Sockets;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
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
    [RequireItem]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>The name in Linux's abstract namespace that the socket is bound to.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RequireItem]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(AbstractNameCompleter))]
    public string[]? AbstractName { get; set; }

    /// <summary>The inodes of the sockets that are wanted, as rows have them, and their <c>PeerInode</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [EmptyCell]
    [RequireItem]
    public long[]? Inode { get; set; }

    /// <summary>The types that are wanted.</summary>
    [Parameter]
    [RequireValue]
    [UnixSocketTypeTransform]
    [RequireItem]
    public UnixSocketType[]? SocketType { get; set; }

    /// <summary>The states that are wanted.</summary>
    [Parameter]
    [RequireValue]
    [UnixStateTransform]
    [RequireItem]
    public UnixSocketState[]? State { get; set; }

    /// <summary>A socket or a listener of this module, whose own row is wanted.</summary>
    [Parameter(ValueFromPipeline = true)]
    [Alias("Socket", "Listener")]
    [RequireValue]
    public SocketObject? InputObject { get; set; }

    /// <summary>What Get-Process gives by pipeline: its Path is that of a program.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    [RequireValue]
    public Process? Process { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        // A row from CSV has an empty name where it has none; what is named here is no row.
        RefuseEmpty(nameof(Path), Path, "A path has 1 byte or more.");
        RefuseEmpty(nameof(AbstractName), AbstractName, "An abstract name has 1 byte or more.");

        // Rows of connections that are not accepted yet have none; what is named here is no row.
        if (Inode?.Min() is { } least and < 1)
        {
            ThrowTerminatingError(ErrorRecords.From(
                new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture, $"-Inode: {least} is out of range: inodes are 1 or more.")),
                least));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt((object?)InputObject ?? Path, () =>
    {
        List<Func<string, bool>> names = Names().ToList();
        if (ReadNetworks() is not { } networks || (names.Count == 0 && IsUnnamed))
        {
            return;
        }

        IReadOnlyList<long> inodes = Inode ?? [];
        if (InputObject is not null)
        {
            (inodes, networks) = Locate(InputObject, networks);
        }

        UnixSocketFilter filter = new()
        {
            Name = names,
            Inode = inodes,
            SocketType = SocketType ?? [],
            State = State ?? [],
            Processes = ReadProcesses(),
            Networks = networks,
        };
        WriteObject(Tables.ListUnix(filter, StopToken), enumerateCollection: true);
    });

    // What Get-Process gives has an Id, too.
    private protected override IReadOnlyList<int> WantedProcesses =>
        Process is null ? base.WantedProcesses : base.WantedProcesses.Union([Process.Id]).ToArray();

    // Is this something by pipeline of which a name was to be taken, and that has neither name nor number?
    private bool IsUnnamed => InputObject is null && Inode is null && WantedProcesses.Count == 0
        && Array.Exists([nameof(Path), nameof(AbstractName), nameof(Inode)], MyInvocation.BoundParameters.ContainsKey);

    // The number of a socket in hand, and where it is listed.
    private (IReadOnlyList<long> Inode, IReadOnlyList<NetNamespace?> Networks) Locate(
        SocketObject socket, IReadOnlyList<NetNamespace?> named)
    {
        using SocketReference held = SocketHolder.Open(socket);
        return socket.AddressFamily is AddressFamily.Unix
            ? ([ProcessSockets.InodeOf(held.Handle)], named.Count > 0 ? named : [Tables.NetworkOf(held.Handle, $"{socket}")])
            : throw NotASocketException.Saying($"{socket} is no Unix socket. See Get-TcpConnection.");
    }

    private IEnumerable<Func<string, bool>> Names()
    {
        foreach (string path in Process is null && InputObject is null ? Path ?? [] : [])
        {
            if (!string.IsNullOrEmpty(path))
            {
                yield return path is ['@', _, ..] ? Matching(path) : MatchingPath(path);
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

    // The kernel has a path as it was bound: relative, too, and nobody knows from where, or with dots in it.
    private Func<string, bool> MatchingPath(string path)
    {
        Func<string, bool> whole = Matching(ParameterInput.Read(nameof(Path), () => UnixPaths.Resolve(this, path)));
        Func<string, bool> asGiven = Matching(path);
        return name => whole(name) || (name is not ['@', ..] && (name[0] == '/') == (path[0] == '/') && asGiven(name));
    }

    private static Func<string, bool> Matching(string pattern) => new NamePattern(pattern, ignoreCase: false).Matches;
}
