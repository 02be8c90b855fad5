using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Descriptors;

/// <summary>
/// What is done before the process ends: when it exits, and when a signal ends it, for which .NET 10 raises no
/// <see cref="AppDomain.ProcessExit"/>. The signal then goes its way: whoever waits for the process is told of it. Only
/// SIGKILL leaves no time.
/// </summary>
internal static class ProcessEnd
{
    private static readonly object Gate = new();
    private static readonly List<Action> Actions = [];
    private static PosixSignalRegistration[] _signals = [];

    /// <summary>Does something before the process ends.</summary>
    /// <param name="action">Does nothing the second time for what it has done: .NET 8 raises ProcessExit after a signal,
    /// too.</param>
    internal static void Add(Action action) => Insert(action, first: false);

    /// <summary>Waits before anything else is done: what others make or change meanwhile is seen to, too.</summary>
    /// <inheritdoc cref="Add"/>
    internal static void WaitFirst(Action action) => Insert(action, first: true);

    private static void Insert(Action action, bool first)
    {
        lock (Gate)
        {
            Actions.Insert(first ? 0 : Actions.Count, action);
            if (Actions.Count == 1)
            {
                Begin();
            }
        }
    }

    private static void Begin()
    {
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => Run();
        _signals = [.. new[] { PosixSignal.SIGHUP, PosixSignal.SIGTERM }
            .Select(static signal => PosixSignalRegistration.Create(signal, static it => RunUnless(it.Cancel)))];

        // SIGINT and SIGQUIT do not end pwsh by themselves: its handler, which comes first here, goes on with them. A
        // registration of one's own would be asked before it.
        Console.CancelKeyPress += static (_, it) => RunUnless(it.Cancel);
    }

    private static void RunUnless(bool goesOn)
    {
        if (!goesOn)
        {
            Run();
        }
    }

    // Who ends the process while this runs waits for it. What one action fails at keeps no other from its work, nor the
    // process from its end.
    private static void Run()
    {
        lock (Gate)
        {
            foreach (Action action in Actions.ToArray())
            {
                try
                {
                    action();
                }
                catch (Exception failed) when (failed is not OutOfMemoryException)
                {
                    // Nobody is left to tell.
                }
            }
        }
    }
}
