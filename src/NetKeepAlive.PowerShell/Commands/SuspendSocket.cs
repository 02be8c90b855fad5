using System;
using System.Management.Automation;
using NetKeepAlive.PowerShell.Transforms;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Suspend-Socket: stops the events of a socket, or the accepting of a listener, for a time.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "Socket")]
[OutputType(typeof(void))]
public sealed class SuspendSocket : NetKeepAliveCmdlet
{
    /// <summary>The socket or listener of this module.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    public object?[]? InputObject { get; set; }

    /// <summary>For how long; until Resume-Socket when left out.</summary>
    [Parameter]
    [DurationTransform]
    [ValidateDuration(0, 4294967)]
    public TimeSpan? Duration { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object? item in InputObject ?? [null])
        {
            Attempt(item, () =>
            {
                switch (Unwrap(item))
                {
                    case NetSocket socket:
                        socket.Suspend(Duration);
                        break;
                    case SocketListener listener:
                        listener.Suspend(Duration);
                        break;
                    default:
                        throw NotASocketException.Saying(
                            $"{Unwrap(item)?.GetType().FullName ?? "null"} has no events of this module: accepted are its "
                            + "sockets and listeners.");
                }
            });
        }
    }
}
