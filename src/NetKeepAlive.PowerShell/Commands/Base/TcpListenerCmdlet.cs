using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Opening;
using NetKeepAlive.Options;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>What the cmdlets that make TCP listeners share.</summary>
public abstract class TcpListenerCmdlet : TcpSocketCmdlet
{
    /// <summary>The port; 0 lets the kernel choose.</summary>
    [Parameter(Position = 0)]
    [RequireValue]
    [ServicePortTransform]
    [ValidateRange(0, 65535)]
    public int Port { get; set; }

    /// <summary>The address, or a name that has one; left out, all addresses of both families.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [IPAddressTransform(AllowNames = true)]
    [ArgumentCompleter(typeof(LocalAddressCompleter))]
    public string? Address { get; set; }

    /// <summary>How many connections may wait to be accepted.</summary>
    [Parameter]
    [RequireValue]
    [ValidateRange(0, int.MaxValue)]
    public int Backlog { get; set; } = UnixSockets.DefaultBacklog;

    /// <summary>No IPv4 connections on an IPv6 address.</summary>
    [Parameter]
    public SwitchParameter IPv6Only { get; set; }

    /// <summary>How many connections may be open at a time; 0 is no limit.</summary>
    [Parameter]
    [RequireValue]
    [ValidateRange(0, int.MaxValue)]
    public int MaxConnection { get; set; }

    /// <summary>How often to try again when the port is taken.</summary>
    [Parameter]
    [RequireValue]
    [ValidateRange(0, int.MaxValue)]
    public int RetryCount { get; set; }

    /// <summary>How long to wait before each new try.</summary>
    [Parameter]
    [Duration(0, DurationAttribute.LongestWait)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() =>
        Attempt(Address is null ? Port : $"{Address}:{Port}", () =>
        {
            foreach (SocketListener listener in ListenPatiently())
            {
                if (Named is not null)
                {
                    WarnOfTwoHours(listener.Handle);
                }

                WriteObject(listener);
            }
        });

    /// <summary>Makes the listeners.</summary>
    /// <param name="address">The address; null for all.</param>
    /// <param name="options">How they listen.</param>
    private protected abstract IEnumerable<SocketListener> Listen(IPAddress? address, TcpListenerOptions options);

    private IEnumerable<SocketListener> ListenPatiently()
    {
        TcpListenerOptions options = new()
        {
            Backlog = Backlog,
            IPv6Only = IPv6Only,
            MaxConnection = MaxConnection,
            Accepted = Settings,
        };
        IPAddress? address = Address is null ? null : HostResolver.First(Address, StopToken);
        ProgressRecord progress = new(0x4b42, "Waiting for the port", " ");
        for (int tried = 0; ; tried++)
        {
            try
            {
                IEnumerable<SocketListener> listeners = Listen(address, options);
                if (tried > 0)
                {
                    progress.RecordType = ProgressRecordType.Completed;
                    WriteProgress(progress);
                }

                return listeners;
            }
            catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse
                && tried < RetryCount)
            {
                progress.StatusDescription =
                    $"{taken.Message} Trying again in {Duration.Format(RetryInterval)} ({tried + 1} of {RetryCount}).";
                WriteVerbose(progress.StatusDescription);
                WriteProgress(progress);
                if (StopToken.WaitHandle.WaitOne(RetryInterval))
                {
                    throw new OperationCanceledException(StopToken);
                }
            }
        }
    }
}
