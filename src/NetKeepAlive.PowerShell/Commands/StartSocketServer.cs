using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Servers;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Start-SocketServer: serves connections by a script block, as a job.</summary>
[Cmdlet(VerbsLifecycle.Start, "SocketServer")]
[OutputType(typeof(SocketServerJob))]
public sealed class StartSocketServer : NetKeepAliveCmdlet
{
    private readonly List<SocketListener> _listeners = [];

    /// <summary>What is done for each connection; its first argument is the socket.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>What to accept on; the job closes them when it ends.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public SocketListener[] Listener { get; set; } = [];

    /// <summary>Further arguments of the script block.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? ArgumentList { get; set; } = [];

    /// <summary>How many connections are served at a time; others wait.</summary>
    [Parameter]
    [ValidateRange(1, 10000)]
    public int ThrottleLimit { get; set; } = 16;

    /// <summary>The job's name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (SocketListener listener in Listener)
        {
            Attempt(listener, () =>
            {
                System.ObjectDisposedException.ThrowIf(listener.IsClosed, listener);
                _listeners.Add(listener);
            });
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
            SocketServerJob job = new(
                ScriptBlock!.ToString(),
                Name,
                _listeners.Distinct().ToArray(),
                ScriptBlock!.ToString(),
                ArgumentList ?? [],
                UsingValues.Read(ScriptBlock, SessionState),
                ThrottleLimit,
                ModulePath());
            JobRepository.Add(job);
            job.Start();
            WriteObject(job);
        }
        catch (System.ArgumentException wrong)
        {
            ThrowTerminatingError(ErrorRecords.From(wrong, ScriptBlock));
        }
    }

    // The very module that runs here, wherever it was imported from.
    private static string ModulePath()
    {
        string assembly = typeof(StartSocketServer).Assembly.Location;
        string manifest = Path.Combine(Path.GetDirectoryName(assembly)!, "..", "NetKeepAlive.psd1");
        return File.Exists(manifest) ? Path.GetFullPath(manifest) : assembly;
    }
}
