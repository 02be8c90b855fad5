using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Events;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>Hands events to Register-ObjectEvent, in order. PowerShell's own handlers carry each event by a work item of the
/// thread pool, where one may overtake another, and get the first while PowerShell still registers the action that is to
/// have it.</summary>
internal sealed class ObjectEvents : IDeferredEvents
{
    private static readonly ScriptBlock Signal =
        ScriptBlock.Create("$null = $Event.MessageData.TrySetResult()");

    private readonly ConditionalWeakTable<object, Subscription> _subscriptions = [];
    private readonly ConditionalWeakTable<PSEventManager, Order> _orders = [];

    /// <summary>Makes the core hand such events on by this.</summary>
    internal static void Install() => SocketEvents.Deferred ??= new ObjectEvents();

    /// <inheritdoc/>
    public bool TryTake(Delegate handler, object sender, EventArgs args)
    {
        if (Find(handler) is not { } subscription)
        {
            return false;
        }

        OrderOf(subscription.Manager).Add(() => subscription.Generate(sender, args));
        return true;
    }

    /// <inheritdoc/>
    public Task? WhenHandled(IEnumerable<Delegate> handlers)
    {
        PSEventManager[] managers =
            handlers.Select(Find).OfType<Subscription>().Select(static it => it.Manager).Distinct().ToArray();
        return managers.Length > 0 ? Task.WhenAll(Array.ConvertAll(managers, WhenHandled)) : null;
    }

    // An event of our own that is queued behind the others has its turn when their actions have had theirs.
    private Task WhenHandled(PSEventManager manager)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        OrderOf(manager).Add(() =>
        {
            try
            {
                string name = $"NetKeepAlive.{Guid.NewGuid():N}";
                _ = manager.SubscribeEvent(
                    null, null, name, null, Signal, supportEvent: true, forwardEvent: false, maxTriggerCount: 1);
                manager.GenerateEvent(name, null, [], PSObject.AsPSObject(done), true, false);
            }
            catch (Exception)
            {
                // The runspace is gone, and its actions with it.
                done.TrySetResult();
            }
        });
        return done.Task;
    }

    private Subscription? Find(Delegate handler) => handler.Target is PSEventHandler made
        ? _subscriptions.GetValue(made, Subscription.Of)
        : null;

    private Order OrderOf(PSEventManager manager) => _orders.GetValue(manager, static _ => new Order());

    /// <summary>What one handler was made for.</summary>
    private sealed record Subscription(PSEventManager Manager, string Name, PSObject? Data)
    {
        // Registering takes microseconds from when the handler is added.
        private static readonly TimeSpan LongestRegistration = TimeSpan.FromSeconds(1);

        private bool _wasAwaited;

        internal static Subscription Of(object handler) => new(
            (PSEventManager)Field(handler, "eventManager")!,
            (string)Field(handler, "sourceIdentifier")!,
            (PSObject?)Field(handler, "extraData"));

        // Where nobody is registered any more, PowerShell keeps it for Get-Event: it is not lost.
        internal void Generate(object sender, EventArgs args)
        {
            if (!_wasAwaited)
            {
                _wasAwaited = true;
                SpinWait.SpinUntil(() => Manager.GetEventSubscribers(Name).Any(), LongestRegistration);
            }

            Manager.GenerateEvent(Name, sender, [sender, args], Data, true, false);
        }

        private static object? Field(object handler, string name) =>
            typeof(PSEventHandler).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(handler);
    }

    /// <summary>One after another.</summary>
    private sealed class Order
    {
        // A runspace that is idle runs the action before the event counts as handed over, and the action may wait for one that
        // comes later: it comes then, while the action runs.
        private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(2);

        private readonly object _gate = new();
        private Task _last = Task.CompletedTask;

        internal void Add(Action turn)
        {
            lock (_gate)
            {
                _last = TakeAsync(turn, _last);
            }
        }

        private static async Task TakeAsync(Action turn, Task before)
        {
            await before.ConfigureAwait(false);
            // What waits for a thread of the pool has not had its turn yet.
            TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Task taken = Task.Run(() =>
            {
                begun.SetResult();
                turn();
            });
            await begun.Task.ConfigureAwait(false);
            await taken.WaitAsync(LongestTurn).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
