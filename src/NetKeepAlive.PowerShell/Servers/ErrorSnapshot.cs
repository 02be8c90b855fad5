using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using NetKeepAlive.Holders;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>
/// An error as the job keeps it: its message, id, category and position, with sockets as text and data cut short. The
/// record as it was raised holds on to the socket, to what a peer sent, to the arguments of every command that failed,
/// and to the runspace.
/// </summary>
internal static class ErrorSnapshot
{
    private const int LongestText = 200;

    internal static ErrorRecord Of(ErrorRecord error)
    {
        InvocationInfo? invocation = Invocation(error.InvocationInfo);
        string id = error.FullyQualifiedErrorId;
        string suffix = invocation?.MyCommand is CmdletInfo cmdlet ? $",{cmdlet.ImplementingType.FullName}" : string.Empty;
        ErrorRecord snapshot = new(
            Plain(error.Exception),
            id.EndsWith(suffix, StringComparison.Ordinal) ? id[..^suffix.Length] : id,
            error.CategoryInfo.Category,
            Text(error.TargetObject))
        {
            ErrorDetails = error.ErrorDetails,
        };
        snapshot.CategoryInfo.Activity = error.CategoryInfo.Activity;
        snapshot.CategoryInfo.Reason = error.CategoryInfo.Reason;
        SetPosition(snapshot, error, invocation);
        return snapshot;
    }

    // What the engine throws holds on to its own record.
    private static Exception Plain(Exception exception) => exception is IContainsErrorRecord
        ? new RuntimeException(exception.Message, exception.InnerException is { } inner ? Plain(inner) : null)
        : exception;

    private static object? Text(object? target) => Wrapping.Unwrap(target) switch
    {
        SocketMessage message => message.Socket?.ToString(),
        string text => text.Length <= LongestText ? text : text[..LongestText] + '…',
        byte[] { Length: > LongestText } bytes => $"{bytes.Length} bytes",
        IList many when many.Cast<object?>().Any(IsSocket) =>
            string.Join(", ", many.Cast<object?>().Select(static it => Text(it)?.ToString())),
        { } socket when IsSocket(socket) => SocketDescription.Of(socket),
        _ => target,
    };

    private static bool IsSocket(object? item) => Wrapping.Unwrap(item)
        is NetSocket or SocketListener or SocketMessage or Socket or TcpClient or TcpListener or UdpClient
            or System.IO.Stream or System.Runtime.InteropServices.SafeHandle;

    // Command and position, without the arguments.
    private static InvocationInfo? Invocation(InvocationInfo? invocation)
    {
        try
        {
            return invocation is null ? null : InvocationInfo.Create(
                invocation.MyCommand is CmdletInfo cmdlet ? new CmdletInfo(cmdlet.Name, cmdlet.ImplementingType) : null,
                ScriptPosition(invocation));
        }
        catch (MissingMethodException)
        {
            return null;
        }
    }

    // A version of PowerShell that calls these something else shows the errors without their positions.
    private static void SetPosition(ErrorRecord snapshot, ErrorRecord error, InvocationInfo? invocation)
    {
        if (invocation is null)
        {
            return;
        }

        try
        {
            SetInvocationInfo(snapshot, invocation);
            StackTrace(snapshot) = error.ScriptStackTrace;
        }
        catch (MissingMemberException)
        {
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_ScriptPosition")]
    private static extern IScriptExtent ScriptPosition(InvocationInfo invocation);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SetInvocationInfo")]
    private static extern void SetInvocationInfo(ErrorRecord error, InvocationInfo invocation);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_scriptStackTrace")]
    private static extern ref string? StackTrace(ErrorRecord error);
}
