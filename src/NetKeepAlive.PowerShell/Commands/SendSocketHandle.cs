using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using NetKeepAlive.Holders;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Send-SocketHandle: sends descriptors over a Unix socket (SCM_RIGHTS).</summary>
[Cmdlet(VerbsCommunications.Send, "SocketHandle", DefaultParameterSetName = PathSet)]
[OutputType(typeof(void))]
public sealed class SendSocketHandle : WaitingCmdlet
{
    private const string PathSet = "Path";
    private const string AbstractNameSet = "AbstractName";

    // What the descriptors travel with unless something is named: a stream carries nothing without a byte.
    private static readonly byte[] Carrier = [0];

    private readonly List<(object? Item, SafeHandle Handle)> _handles = [];

    /// <summary>The Unix socket to send over.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public object? Socket { get; set; }

    /// <summary>What holds the descriptors: sockets, files, pipes, handles.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [AllowNull]
    public object?[]? InputObject { get; set; }

    /// <summary>The text or the bytes that travel with them.</summary>
    [Parameter]
    [RequireValue]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? Message { get; set; }

    /// <summary>The path to send to.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string? To { get; set; }

    /// <summary>The name to send to in Linux's abstract namespace.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AbstractNameSet)]
    [ArgumentCompleter(typeof(AbstractNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ToAbstractName { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object? item in Many(InputObject))
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
            Attempt(target, () => Send(part.ConvertAll(static it => it.Handle).ToArray()));
        }
    }

    private void Send(SafeHandle[] handles)
    {
        NetSocket socket = SocketWrapper.ToSocket(Unwrap(Socket));
        byte[] data = MessageBytes();
        if (data.Length == 0 && socket.SocketType is SocketType.Stream)
        {
            throw new ArgumentException(
                "-Message is empty: on a stream descriptors travel with at least one byte. Name some text or bytes, or "
                + "leave -Message out.");
        }

        socket.SendHandles(
            handles, data, UnixPaths.From(this, To, ToAbstractName), Timeout, StopToken);
    }

    private byte[] MessageBytes() => Unwrap(Message) switch
    {
        null when MyInvocation.BoundParameters.ContainsKey(nameof(Message)) =>
            throw new ArgumentException("-Message is null. Accepted are text and bytes; '' is an empty message."),
        null => Carrier,
        byte[] bytes => bytes,
        string text => Encoding.UTF8.GetBytes(text),
        byte one => [one],
        ReadOnlyMemory<byte> memory => memory.ToArray(),
        SocketMessage message => message.Data,
        IEnumerable<byte> many => [.. many],
        object?[] many => LanguagePrimitives.TryConvertTo(many, out byte[] bytes)
            ? bytes
            : throw new ArgumentException("-Message is an array, but not of bytes: 0 to 255 each."),
        object other => Encoding.UTF8.GetBytes(other.ToString() ?? string.Empty),
    };
}
