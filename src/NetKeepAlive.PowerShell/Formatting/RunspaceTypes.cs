using System;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace NetKeepAlive.PowerShell.Formatting;

/// <summary>Tells PowerShell what it is to know of types: once for each runspace, when the first cmdlet of the module runs
/// there, so that importing is quick. A types file cannot: read from a second folder (an installed copy beside a clone's) its
/// members are there already, which is an error for each.</summary>
internal static class RunspaceTypes
{
    // Update-TypeData itself, without looking for the module it is in.
    private const string UpdateTypeData =
        "Microsoft.PowerShell.Commands.UpdateTypeDataCommand, Microsoft.PowerShell.Commands.Utility";

    // By a script block, because the first PowerShell object of a process costs 10 ms more. What the user prefers is about
    // his commands, not about this one; and they work without it.
    private const string Update = """
        [System.Diagnostics.DebuggerHidden()]
        param($Command, $Types)
        & $Command -TypeData $Types -Force -WhatIf:$false -Confirm:$false -Verbose:$false -ErrorAction Ignore
        """;

    private static readonly ConditionalWeakTable<Runspace, object> Told = [];

    /// <summary>Tells it, if this runspace has not been told.</summary>
    internal static void Tell()
    {
        if (Runspace.DefaultRunspace is not { } runspace || Told.TryGetValue(runspace, out _))
        {
            return;
        }

        _ = ScriptBlock.Create(Update).Invoke(
            new CmdletInfo("Update-TypeData", Type.GetType(UpdateTypeData, throwOnError: true)),
            new[]
            {
                // What comes back from Invoke-Command keeps Info and KeepAlive as objects, not as text.
                Deep(typeof(TcpConnection)),
                Deep(typeof(TcpConnectionChange), 3),
                Deep(typeof(TcpKeepAlivePolicy)),
                Deep(typeof(TcpKeepAliveTestResult)),

                // And its enumerations come as their names, so that comparing with a name works there too.
                ByName(typeof(TcpConnectionState)),
                ByName(typeof(TcpTimer)),
                ByName(typeof(TcpChange)),
                ByName(typeof(UnixSocketState)),
                ByName(typeof(UnixSocketType)),
                ByName(typeof(TcpCongestionState)),
                ByName(typeof(TcpKeepAlivePolicyState)),
                ByName(typeof(ConnectionDirection)),

                // By the names of the columns, of the parameter and of the event.
                Alias(typeof(SocketOption), ("Type", "ValueType"), ("Linux", "LinuxNumber"), ("Darwin", "DarwinNumber")),
                Alias(typeof(NetSocket), ("IdleTimeout", nameof(NetSocket.IdleLimit))),
            });
        Told.Add(runspace, Told);
    }

    private static TypeData Deep(Type type, uint depth = 2) => new(type) { SerializationDepth = depth };

    private static TypeData ByName(Type type) => new(type) { SerializationMethod = "String" };

    private static TypeData Alias(Type type, params (string Name, string Property)[] aliases)
    {
        TypeData data = new(type);
        foreach ((string name, string property) in aliases)
        {
            data.Members.Add(name, new AliasPropertyData(name, property));
        }

        return data;
    }
}
