using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>The three ways to say whose keep-alive is meant: a socket by pipeline, a descriptor of a process, the
/// system's defaults.</summary>
internal interface IKeepAliveTarget
{
    /// <summary>What holds the socket; by pipeline one, as an argument one or many.</summary>
    object? InputObject { get; }

    /// <summary>The process that holds the descriptor.</summary>
    int ProcessId { get; }

    /// <summary>The number of the socket's descriptor in that process.</summary>
    int FileDescriptor { get; }

    /// <summary>The name of the parameter set in use.</summary>
    string ParameterSetName { get; }

    /// <summary>Does the work on one socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="source">What the user gave; null when it was a descriptor.</param>
    /// <param name="description">What it is, in words.</param>
    void ProcessSocket(SocketReference socket, object? source, string description);

    /// <summary>Does the work on the system's defaults.</summary>
    void ProcessSystemDefault();
}

/// <summary>Finds the sockets that a target names, and hands each to the cmdlet.</summary>
internal static class KeepAliveTarget
{
    internal const string InputObjectSet = "InputObject";
    internal const string DescriptorSet = "FileDescriptor";
    internal const string SystemDefaultSet = "SystemDefault";

    /// <summary>Does the work of one pipeline object.</summary>
    /// <param name="target">The cmdlet.</param>
    internal static void Process<TCmdlet>(TCmdlet target)
        where TCmdlet : NetKeepAliveCmdlet, IKeepAliveTarget
    {
        switch (target.ParameterSetName)
        {
            case SystemDefaultSet:
                target.Attempt("system default", target.ProcessSystemDefault);
                break;

            case DescriptorSet:
                target.Attempt(target.FileDescriptor, () =>
                {
                    using SocketReference socket = ProcessDescriptor.Open(target.ProcessId, target.FileDescriptor);
                    target.ProcessSocket(
                        socket, source: null, $"descriptor {target.FileDescriptor} of process {target.ProcessId}");
                });
                break;

            default:
                foreach (object? item in NetKeepAliveCmdlet.Many(target.InputObject))
                {
                    target.Attempt(item, () =>
                    {
                        object? holder = ConnectionRow.Resolve(item, target.Tables);
                        using SocketReference socket = SocketHolder.Open(holder, target.Tables);
                        target.ProcessSocket(socket, item, SocketDescription.Of(holder));
                    });
                }

                break;
        }
    }
}
