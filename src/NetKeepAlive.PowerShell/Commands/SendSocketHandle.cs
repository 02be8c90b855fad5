using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Runtime.InteropServices;
using NetKeepAlive.Holders;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Send-SocketHandle: sends descriptors over a Unix socket (SCM_RIGHTS).</summary>
[Cmdlet(VerbsCommunications.Send, "SocketHandle")]
[OutputType(typeof(void))]
public sealed class SendSocketHandle : WaitingCmdlet
{
    // The one byte that the descriptors travel with: a stream carries nothing without one.
    private static readonly byte[] Carrier = [0];

    private readonly List<(object? Item, SafeHandle Handle)> _handles = [];

    /// <summary>The Unix socket to send over.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public object? Socket { get; set; }

    /// <summary>What holds the descriptors: sockets, files, pipes, handles.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    public object?[]? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object? item in InputObject ?? [null])
        {
            Attempt(item, () => _handles.Add((item, DescriptorHolder.Find(Unwrap(item)))));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        for (int start = 0; start < _handles.Count; start += NetSocket.MaximumHandles)
        {
            List<(object? Item, SafeHandle Handle)> part = _handles.GetRange(
                start, Math.Min(NetSocket.MaximumHandles, _handles.Count - start));
            object? target = part.Count == 1 ? part[0].Item : part.ConvertAll(static it => it.Item).ToArray();
            Attempt(target, () => SocketWrapper.ToSocket(Unwrap(Socket)).SendHandles(
                part.ConvertAll(static it => it.Handle).ToArray(), Carrier, to: null, Timeout, StopToken));
        }
    }
}
