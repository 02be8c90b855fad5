using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using NetKeepAlive.Interop;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Formatting;
using NetKeepAlive.PowerShell.Input;
using NetKeepAlive.Tables;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>What every cmdlet of the module shares: cancelling by Ctrl+C, and errors that are about one item
/// only.</summary>
public abstract partial class NetKeepAliveCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private SocketTables? _tables;

    static NetKeepAliveCmdlet() => Servers.ObjectEvents.Install();

    /// <summary>Cancelled when the pipeline is stopped.</summary>
    protected CancellationToken StopToken => _stop.Token;

    /// <summary>The system's tables of sockets, opened when first asked for.</summary>
    internal SocketTables Tables => _tables ??= CreateTables();

    /// <summary>Makes them.</summary>
    private protected virtual SocketTables CreateTables() => new();

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (CurrentPlatform.Value is Platform.Other)
        {
            ThrowTerminatingError(ErrorRecords.From(
                CurrentPlatform.NotSupported(MyInvocation.MyCommand.Name, Platform.Other), null));
        }

        RunspaceTypes.Tell();
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <summary>Does what one item asks for. An expected failure becomes a non-terminating error with the item as its
    /// target, and the pipeline goes on.</summary>
    /// <param name="item">The item, for the error.</param>
    /// <param name="action">What to do.</param>
    /// <returns>Did it succeed?</returns>
    internal bool Attempt(object? item, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        try
        {
            action();
            return true;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception error) when (ErrorRecords.IsExpected(error))
        {
            WriteError(ErrorRecords.From(error, item));
            return false;
        }
    }

    /// <summary>The object behind PowerShell's wrapping.</summary>
    internal static object? Unwrap(object? value) => Wrapping.Unwrap(value);

    /// <summary>By pipeline an input is one; as an argument it may be many: an array, a list that a script made, or
    /// lists in a list, as in <c>$listener, $clients</c>.</summary>
    internal static object?[] Many(object? input) =>
        Unwrap(input) is IList many ? many.Cast<object?>().SelectMany(Many).ToArray() : [input];

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what the cmdlet holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _tables?.Dispose();
            _stop.Dispose();
        }
    }
}
