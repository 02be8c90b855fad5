using System.Collections.Generic;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace NetKeepAlive;

/// <summary>How to begin TLS.</summary>
public sealed record TlsOptions
{
    /// <summary>The server's certificate with its private key: this side is the server. Null: it is the
    /// client.</summary>
    public X509Certificate2? ServerCertificate { get; init; }

    /// <summary>Client: the name that must be in the server's certificate; null for the name that was connected to, or
    /// else the address.</summary>
    public string? TargetHost { get; init; }

    /// <summary>Client: a certificate with its private key, for servers that ask for one.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Take whatever certificate the peer has.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>The versions that may be used; none leaves it to the system.</summary>
    public SslProtocols Protocols { get; init; }

    /// <summary>Protocols to offer or to accept by ALPN (RFC 7301), the preferred one first.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];
}
