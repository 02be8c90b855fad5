using System;
using System.Management.Automation;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Options;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Set-TcpKeepAlive: changes the keep-alive settings that are named, and turns keep-alive on.</summary>
[Cmdlet(VerbsCommon.Set, "TcpKeepAlive", DefaultParameterSetName = KeepAliveTarget.InputObjectSet, SupportsShouldProcess = true)]
[OutputType(typeof(object), typeof(TcpKeepAlive))]
public sealed class SetTcpKeepAlive : KeepAliveSettingsCmdlet, IKeepAliveTarget
{
    private TcpKeepAlive _wanted = new();
    private string _action = string.Empty;
    private bool _warnedOfUserTimeout;

    /// <summary>What holds the socket.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = KeepAliveTarget.InputObjectSet)]
    [Alias("Socket", "Listener")]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <summary>The process that holds the descriptor; this one when left out.</summary>
    [Parameter(ParameterSetName = KeepAliveTarget.DescriptorSet)]
    [Alias("OwningProcess")]
    [ValidateRange(1, int.MaxValue)]
    [ArgumentCompleter(typeof(OwningProcessCompleter))]
    public int ProcessId { get; set; } = Environment.ProcessId;

    /// <summary>The number of the socket's descriptor in that process.</summary>
    [Parameter(Mandatory = true, ParameterSetName = KeepAliveTarget.DescriptorSet)]
    [ValidateRange(0, int.MaxValue)]
    public int FileDescriptor { get; set; }

    /// <summary>The system's defaults.</summary>
    [Parameter(Mandatory = true, ParameterSetName = KeepAliveTarget.SystemDefaultSet)]
    public SwitchParameter SystemDefault { get; set; }

    /// <summary>Turns keep-alive off.</summary>
    [Parameter(ParameterSetName = KeepAliveTarget.InputObjectSet)]
    [Parameter(ParameterSetName = KeepAliveTarget.DescriptorSet)]
    public SwitchParameter Disable { get; set; }

    /// <summary>Returns the input object, so that the next command can go on with it.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _wanted = (Named ?? new TcpKeepAlive()) with { Enabled = !Disable };
        if (SystemDefault)
        {
            CheckSystemDefault();
            _wanted = _wanted with { UserTimeout = null };
        }

        string settings = Describe(_wanted);
        string verb = SystemDefault ? "Set keep-alive" : Disable ? "Disable keep-alive" : "Enable keep-alive";
        _action = settings.Length == 0 ? verb : $"{verb}: {settings}";
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => KeepAliveTarget.Process(this);

    void IKeepAliveTarget.ProcessSocket(SocketReference socket, object? source, string description)
    {
        if (!ShouldProcess(description, _action))
        {
            return;
        }

        Apply(socket, description);
        if (PassThru)
        {
            WriteObject(AsItIsNow(source, socket));
        }
    }

    void IKeepAliveTarget.ProcessSystemDefault()
    {
        if (!ShouldProcess("the system's defaults", _action))
        {
            return;
        }

        SystemKeepAlive.Write(_wanted);
        if (PassThru)
        {
            WriteObject(SystemKeepAlive.Read());
        }
    }

    private void Apply(SocketReference socket, string description)
    {
        if (!_wanted.ApplyWhatFits(socket.Handle) && !_warnedOfUserTimeout)
        {
            _warnedOfUserTimeout = true;
            WriteWarning(
                $"{description}: this socket has no user timeout (MPTCP), so only the idle settings are set. A dead peer "
                + "is noticed in time when the connection is idle, and with data in flight as tcp_retries2 has it.");
        }

        if (!Disable)
        {
            WarnOfTwoHours(socket.Handle);
        }
    }

    // A row is a picture of what was: it shows the settings as they are now.
    private static object AsItIsNow(object? source, SocketReference socket)
    {
        TcpKeepAlive Now() => TcpKeepAlive.Read(socket.Handle);
        switch (Unwrap(source))
        {
            case null:
                return Now();

            case TcpConnection row:
                row.KeepAlive = Now();
                return source!;

            case TcpConnectionChange change:
                return change.WithKeepAlive(Now());

            case PSCustomObject:
                return ConnectionRow.WithKeepAlive(PSObject.AsPSObject(source!), Now());

            default:
                return source!;
        }
    }

    private void CheckSystemDefault()
    {
        string? problem = UserTimeout is not null ? "-UserTimeout has no system default: it is set on each socket."
            : _wanted is { IdleTime: null, Interval: null, ProbeCount: null }
                ? "Name what to change: -IdleTime, -Interval, -ProbeCount or -DetectWithin."
            : null;
        if (problem is not null)
        {
            ThrowTerminatingError(ErrorRecords.From(new ArgumentException(problem), null));
        }
    }
}
