using System.Management.Automation;
using System.Management.Automation.Runspaces;
using NetKeepAlive.PowerShell.Formatting;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>
/// The pipeline of a <see cref="Pump"/>: runs the script block for connection after connection, in a scope of its own.
/// It is called by its <see cref="Command"/> and has no name that a script could call.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "SocketServer")]
internal sealed class ServeConnections : PSCmdlet
{
    private readonly ConnectionQueue.Seat _seat = new();

    /// <summary>What a pipeline calls it by.</summary>
    internal static CmdletInfo Command { get; } = new("Invoke-SocketServer", typeof(ServeConnections));

    /// <summary>Where the connections come from.</summary>
    [Parameter(Mandatory = true)]
    public Pump? Pump { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => RunspaceTypes.Tell();

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Pump pump = Pump!;
        ScriptBlock block = pump.Script.Create();
        RunspaceCleaner cleaner = new(this);
        try
        {
            while (pump.Take(_seat) is { } connection)
            {
                Serve(connection, block);
                if (!pump.Finish(connection, cleaner.TryClean()))
                {
                    return;
                }
            }
        }
        finally
        {
            pump.Leave(_seat);
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _seat.Stop();

    private void Serve(ServedConnection connection, ScriptBlock block)
    {
        try
        {
            InvokeCommand.InvokeScript(
                Pump!.Script.Call,
                useNewScope: true,
                PipelineResultTypes.Output | PipelineResultTypes.Error,
                input: null,
                [block, connection.Socket, .. Pump.Script.Arguments]);
        }
        catch (PipelineStoppedException) when (Stopping)
        {
            throw;
        }
        catch (FlowControlException)
        {
            // exit, and a break or continue without a loop, end the script block.
        }
        catch (RuntimeException failed)
        {
            Pump!.Report(failed.ErrorRecord);
        }
        finally
        {
            connection.Socket.Dispose();
        }
    }
}
