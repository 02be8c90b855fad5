using System;
using System.Management.Automation;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using NetKeepAlive.Holders;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Protect-Socket: begins TLS on a connected stream, in place.</summary>
[Cmdlet(VerbsSecurity.Protect, "Socket", DefaultParameterSetName = ClientSet)]
[OutputType(typeof(StreamSocket))]
public sealed class ProtectSocket : WaitingCmdlet
{
    private const string ClientSet = "Client";
    private const string ServerSet = "Server";

    /// <summary>What holds the socket.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Socket", "Listener")]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <summary>The name that the server's certificate must have.</summary>
    [Parameter(ParameterSetName = ClientSet)]
    [ValidateNotNullOrEmpty]
    public string? TargetHost { get; set; }

    /// <summary>Take whatever certificate the server has.</summary>
    [Parameter(ParameterSetName = ClientSet)]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>A certificate with its private key, for servers that ask for one.</summary>
    [Parameter(ParameterSetName = ClientSet)]
    [ValidateNotNull]
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>This side is the server.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ServerSet)]
    public SwitchParameter AsServer { get; set; }

    /// <summary>The server's certificate with its private key.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ServerSet)]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>The versions that may be used.</summary>
    [Parameter]
    public SslProtocols SslProtocol { get; set; }

    /// <summary>Protocols to offer or to accept by ALPN, the preferred one first.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidateLength(1, 255)]
    public string[] ApplicationProtocol { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object? item in Many(InputObject))
        {
            Attempt(item, () => Protect(Unwrap(item)));
        }
    }

    private void Protect(object? holder)
    {
        StreamSocket socket = Find(holder);
        CheckKey(Certificate, nameof(Certificate));
        CheckKey(ClientCertificate, nameof(ClientCertificate));

        TlsOptions options = new()
        {
            ServerCertificate = Certificate,
            TargetHost = TargetHost,
            ClientCertificate = ClientCertificate,
            SkipCertificateCheck = SkipCertificateCheck,
            Protocols = SslProtocol,
            ApplicationProtocols = ApplicationProtocol,
        };
        ShowProgress("TLS handshake", $"{socket}", Timeout, () =>
        {
            socket.Protect(options, Timeout, StopToken);
            return socket.Tls;
        });
        WriteVerbose($"{socket}: {socket.Tls}.");
        WriteObject(socket);
    }

    private static void CheckKey(X509Certificate2? own, string parameter)
    {
        if (own is { HasPrivateKey: false })
        {
            throw new ArgumentException($"-{parameter}: the certificate of {VisibleText.Brief(own.Subject)} has no private key.");
        }
    }

    private static StreamSocket Find(object? holder) => holder switch
    {
        AuthenticatedStream => throw new ArgumentException("The connection is protected already."),
        SocketListener => throw new ArgumentException(
            "A listener has no TLS: protect the connections that it accepts."),
        _ => SocketWrapper.ToSocket(holder) as StreamSocket
            ?? throw new ArgumentException("TLS needs a stream; this is a message socket."),
    };
}
