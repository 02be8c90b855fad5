using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Opening;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Connect-TcpSocket: connects to a name by all its addresses.</summary>
[Cmdlet(VerbsCommunications.Connect, "TcpSocket")]
[OutputType(typeof(StreamSocket))]
public sealed class ConnectTcpSocket : TcpSocketCmdlet
{
    /// <summary>The name or address; many are taken for addresses of the same host.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] HostName { get; set; } = ["localhost"];

    /// <summary>The port, or the name of its service; may stand behind the host instead: <c>host:port</c>.</summary>
    [Parameter(Position = 1)]
    [ServicePortTransform]
    [ValidateRange(1, 65535)]
    [ArgumentCompleter(typeof(ConnectionPortCompleter))]
    public int Port { get; set; }

    /// <summary>Only addresses of this family.</summary>
    [Parameter]
    [AddressFamilyTransform]
    [ValidateSet(
        nameof(System.Net.Sockets.AddressFamily.InterNetwork),
        nameof(System.Net.Sockets.AddressFamily.InterNetworkV6),
        nameof(System.Net.Sockets.AddressFamily.Unspecified))]
    public AddressFamily? AddressFamily { get; set; }

    /// <summary>The address to connect from.</summary>
    [Parameter]
    [RequireValue]
    [IPAddressTransform]
    [ArgumentCompleter(typeof(LocalAddressCompleter))]
    public IPAddress? LocalAddress { get; set; }

    /// <summary>The port to connect from.</summary>
    [Parameter]
    [RequireValue]
    [ValidateRange(0, 65535)]
    public int LocalPort { get; set; }

    /// <summary>How long the whole may take.</summary>
    [Parameter]
    [Duration(0, DurationAttribute.LongestWait)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Timeout { get; set; }

    /// <summary>How long one address may take before the next is tried beside it.</summary>
    [Parameter]
    [Duration(0, DurationAttribute.LongestWait)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan AttemptTimeout { get; set; } = TcpConnector.DefaultAttemptTimeout;

    /// <summary>After how much silence the event IdleTimeout is raised; 0 is never.</summary>
    [Parameter]
    [Duration(0, DurationAttribute.LongestTimer)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan IdleTimeout { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => Attempt(
        Port == 0 ? string.Join(", ", HostName) : $"{string.Join(", ", HostName)}:{Port}",
        () =>
        {
            (string[] hosts, int port) = HostPort.Read(HostName, Port);
            Connect(hosts, port);
        });

    private void Connect(string[] hosts, int port)
    {
        TcpConnector connector = new()
        {
            Family = AddressFamily is System.Net.Sockets.AddressFamily.Unspecified ? null : AddressFamily,
            LocalAddress = LocalAddress,
            LocalPort = LocalPort,
            Timeout = Timeout,
            AttemptTimeout = AttemptTimeout,
            BlockList = BlockList,
        };
        StreamSocket socket;
        try
        {
            socket = ShowProgress(
                "Connecting", $"{string.Join(", ", hosts)} port {port}", Timeout,
                () => connector.Connect(hosts, port, StopToken));
        }
        catch (Exception failed) when (failed.Data[TcpConnector.AttemptsKey] is IEnumerable<ConnectionAttempt> attempts)
        {
            Tell(attempts);
            throw;
        }

        Tell(socket.ConnectionAttempts);
        try
        {
            Settings.ApplyOptions(socket.Handle);
            socket.AllowHalfOpen = AllowHalfOpen;
            socket.IdleLimit = IdleTimeout;
            if (Named is not null)
            {
                WarnOfTwoHours(socket.Handle);
            }
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        WriteObject(socket);
    }

    private void Tell(IEnumerable<ConnectionAttempt> attempts)
    {
        foreach (ConnectionAttempt attempt in attempts)
        {
            WriteVerbose($"{attempt}.");
        }
    }
}
