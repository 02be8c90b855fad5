using System.IO;
using System.Management.Automation;
using System.Net.Sockets;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Makes a Unix listener, stream or seqpacket.</summary>
public abstract class UnixListenerCmdlet : UnixBindingCmdlet
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Writable = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>The path to listen on.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>How many connections may wait to be accepted.</summary>
    [Parameter]
    [RequireValue]
    [ValidateRange(0, int.MaxValue)]
    public int Backlog { get; set; } = UnixSockets.DefaultBacklog;

    /// <summary>How many accepted connections may be open at a time; 0 is no limit.</summary>
    [Parameter]
    [RequireValue]
    [ValidateRange(0, int.MaxValue)]
    public int MaxConnection { get; set; }

    /// <summary>Everybody may read the file.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public SwitchParameter ReadableAll { get; set; }

    /// <summary>Everybody may write to the file, and so connect.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public SwitchParameter WritableAll { get; set; }

    /// <summary>What it accepts.</summary>
    private protected abstract SocketType SocketType { get; }

    /// <summary>Does to the listener what only its kind has.</summary>
    private protected virtual void Configure(SocketListener listener)
    {
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Attempt(Path ?? AbstractName, () =>
    {
        UnixFileMode mode = FileMode
            | (ReadableAll ? Readable : UnixFileMode.None)
            | (WritableAll ? Writable : UnixFileMode.None);
        SocketListener listener = UnixSockets.Listen(
            SocketType, UnixPaths.From(this, Path, AbstractName)!, Backlog, mode, Force, PassCredential);
        listener.MaxConnection = MaxConnection;
        Configure(listener);
        WriteObject(listener);
    });
}
