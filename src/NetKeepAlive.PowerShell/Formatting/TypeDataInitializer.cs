using System;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace NetKeepAlive.PowerShell.Formatting;

/// <summary>Tells PowerShell what it is to know of types, each time the module is imported. A types file cannot: read from a
/// second folder (an installed copy beside a clone's) its members are there already, which is an error for each.</summary>
public sealed class TypeDataInitializer : IModuleAssemblyInitializer
{
    // Update-TypeData itself, without looking for the module it is in.
    private const string UpdateTypeData =
        "Microsoft.PowerShell.Commands.UpdateTypeDataCommand, Microsoft.PowerShell.Commands.Utility";

    /// <inheritdoc/>
    public void OnImport()
    {
        using System.Management.Automation.PowerShell shell =
            System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand(new CmdletInfo("Update-TypeData", Type.GetType(UpdateTypeData, throwOnError: true)))
            .AddParameter(
                "TypeData",
                new[]
                {
                    // What comes back from Invoke-Command keeps Info and KeepAlive as objects, not as text.
                    Deep(typeof(TcpConnection)),
                    Deep(typeof(TcpKeepAlivePolicy)),
                    Deep(typeof(TcpKeepAliveTestResult)),

                    // And its enumerations come as their names, so that comparing with a name works there too.
                    ByName(typeof(TcpConnectionState)),
                    ByName(typeof(TcpTimer)),
                    ByName(typeof(TcpCongestionState)),
                    ByName(typeof(TcpKeepAlivePolicyState)),
                    ByName(typeof(ConnectionDirection)),
                    SocketOption(),
                })
            .AddParameter("Force")
            .Invoke();
    }

    private static TypeData Deep(Type type) => new(type) { SerializationDepth = 2 };

    private static TypeData ByName(Type type) => new(type) { SerializationMethod = "String" };

    // By the names of its columns.
    private static TypeData SocketOption()
    {
        TypeData option = new(typeof(SocketOption));
        foreach ((string name, string property) in
            new[] { ("Type", "ValueType"), ("Linux", "LinuxNumber"), ("Darwin", "DarwinNumber") })
        {
            option.Members.Add(name, new AliasPropertyData(name, property));
        }

        return option;
    }
}
