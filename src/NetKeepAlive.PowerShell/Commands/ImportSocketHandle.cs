using System.Management.Automation;
using System.Net.Sockets;
using NetKeepAlive.Holders;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Import-SocketHandle: makes an object of a descriptor: one of this process, a copy of one of another, or
/// those that a service manager passed.</summary>
[Cmdlet(VerbsData.Import, "SocketHandle", DefaultParameterSetName = DescriptorSet)]
[OutputType(typeof(StreamSocket), typeof(SeqpacketSocket), typeof(UnixDatagramSocket), typeof(SocketListener),
    typeof(Socket))]
public sealed class ImportSocketHandle : NetKeepAliveCmdlet
{
    private const string DescriptorSet = "FileDescriptor";
    private const string ProcessSet = "ProcessId";
    private const string ActivationSet = "Activation";

    /// <summary>The number of the descriptor.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DescriptorSet)]
    [Parameter(Mandatory = true, ParameterSetName = ProcessSet)]
    [ValidateRange(0, int.MaxValue)]
    public int[] FileDescriptor { get; set; } = [];

    /// <summary>The process whose descriptor to copy.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ProcessSet)]
    [Alias("OwningProcess")]
    [ValidateRange(1, int.MaxValue)]
    [ArgumentCompleter(typeof(OwningProcessCompleter))]
    public int ProcessId { get; set; }

    /// <summary>The sockets that systemd passed to this process.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ActivationSet)]
    public SwitchParameter Activation { get; set; }

    /// <summary>How many connections may wait to be accepted, of a socket that is bound and does not listen yet.</summary>
    [Parameter]
    [RequireValue]
    [ValidateRange(0, int.MaxValue)]
    public int Backlog { get; set; } = UnixSockets.DefaultBacklog;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ActivationSet)
        {
            Attempt("LISTEN_FDS", ImportActivation);
            return;
        }

        foreach (int descriptor in FileDescriptor)
        {
            Attempt(descriptor, () => WriteObject(Listening(
                ParameterSetName == ProcessSet
                    ? ProcessDescriptor.Import(ProcessId, descriptor)
                    : SocketActivation.Adopt(descriptor))));
        }
    }

    private object Listening(object imported)
    {
        object it = BoundSocket.Listen(imported, Backlog);
        if (it is SocketListener { ChangesSharedMode: true } listener && ParameterSetName == ProcessSet)
        {
            WriteWarning(
                $"{listener}: accept(2) of process {ProcessId} no longer waits but returns EAGAIN, until this listener is "
                + "closed: O_NONBLOCK belongs to the socket that both share.");
        }

        return it;
    }

    private void ImportActivation()
    {
        foreach ((string name, object passed) in SocketActivation.Take())
        {
            PSObject output = PSObject.AsPSObject(Listening(passed));
            output.Properties.Add(new PSNoteProperty("ActivationName", name));
            WriteObject(output);
        }
    }
}
