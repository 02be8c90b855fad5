using System;
using System.Management.Automation;
using System.Reflection;
using System.Threading.Tasks;
using NetKeepAlive.Events;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>Tells when the actions of Register-ObjectEvent have run: PowerShell queues them, and an event of our own that
/// is queued behind them has its turn when they have had theirs.</summary>
internal static class EventFence
{
    private static readonly ScriptBlock Signal =
        ScriptBlock.Create("$null = $Event.MessageData.TrySetResult()");

    // What PowerShell makes of an event's handler knows the queue that it writes to.
    private static readonly FieldInfo? Manager =
        typeof(PSEventHandler).GetField("eventManager", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>Makes the core wait for such actions.</summary>
    internal static void Install() => SocketEvents.Deferred ??= After;

    private static Task? After(Delegate handler)
    {
        if (handler.Target is not PSEventHandler queued || Manager?.GetValue(queued) is not PSEventManager manager)
        {
            return null;
        }

        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        string name = $"NetKeepAlive.{Guid.NewGuid():N}";
        try
        {
            _ = manager.SubscribeEvent(
                null, null, name, null, Signal, supportEvent: true, forwardEvent: false,
                maxTriggerCount: 1);
            manager.GenerateEvent(name, null, [], PSObject.AsPSObject(done));
            return done.Task;
        }
        catch (Exception closed) when (closed is InvalidOperationException or ObjectDisposedException)
        {
            // The runspace is gone, and its actions with it.
            return null;
        }
    }
}
