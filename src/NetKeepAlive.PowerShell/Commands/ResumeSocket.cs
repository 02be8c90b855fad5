using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Resume-Socket: goes on with the events of a socket, or the accepting of a listener.</summary>
[Cmdlet(VerbsLifecycle.Resume, "Socket")]
[OutputType(typeof(void))]
public sealed class ResumeSocket : NetKeepAliveCmdlet
{
    /// <summary>The socket or listener of this module.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    public object?[]? InputObject { get; set; }

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
                        socket.Resume();
                        break;
                    case SocketListener listener:
                        listener.Resume();
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
