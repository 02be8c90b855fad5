using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.Holders;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;
using NetKeepAlive.PowerShell.Servers;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Start-SocketServer: serves connections by a script block, as a job.</summary>
[Cmdlet(VerbsLifecycle.Start, "SocketServer", DefaultParameterSetName = PipelineSet)]
[OutputType(typeof(SocketServerJob))]
public sealed class StartSocketServer : NetKeepAliveCmdlet
{
    private const string PipelineSet = "Pipeline";
    private const string ListenerSet = "Listener";

    private readonly List<SocketListener> _listeners = [];

    /// <summary>What to accept on; the job closes them when it ends.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ListenerSet)]
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = PipelineSet)]
    [Alias("InputObject", "Socket")]
    [ValidateNotNull]
    public object?[] Listener { get; set; } = [];

    /// <summary>What is done for each connection; its first argument is the socket.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ListenerSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PipelineSet)]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>Further arguments of the script block.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? ArgumentList { get; set; } = [];

    /// <summary>How many connections are served at a time; others wait.</summary>
    [Parameter]
    [ValidateRange(1, 10000)]
    public int ThrottleLimit { get; set; } = 16;

    /// <summary>After how long without a byte sent or received a connection is closed and its script block stopped;
    /// never when left out.</summary>
    [Parameter]
    [Duration(0.001, DurationAttribute.LongestWait)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? IdleTimeout { get; set; }

    /// <summary>A new runspace for each connection.</summary>
    [Parameter]
    public SwitchParameter Isolated { get; set; }

    /// <summary>The job's name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object? listener in Many(Listener))
        {
            Attempt(listener, () => _listeners.Add(SocketWrapper.ToListener(Unwrap(listener))));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_listeners.Count == 0)
        {
            return;
        }

        try
        {
            ServerScript script = new(
                ScriptBlock!, ArgumentList ?? [], UsingValues.Read(ScriptBlock!, SessionState));
            SocketServerJob job = new(
                Name, [.. _listeners.Distinct()], script, new ServerLimits(ThrottleLimit, IdleTimeout, Isolated));
            JobRepository.Add(job);
            job.Start();
            WriteObject(job);
        }
        catch (ArgumentException wrong)
        {
            ThrowTerminatingError(ErrorRecords.From(wrong, ScriptBlock));
        }
    }
}
